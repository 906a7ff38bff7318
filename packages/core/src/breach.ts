export {
  type BreachCheck,
  BreachCheckError,
  type PwnedPasswordsOptions,
  pwnedPasswords,
} from "./flows/password/breach.js"
