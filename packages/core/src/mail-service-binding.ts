export {
  type MagicLinkPayload,
  type MailerBinding,
  type ServiceBindingOptions,
  serviceBinding,
} from "./mail/service-binding.js"
