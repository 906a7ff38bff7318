export {
  type AccountMailerBinding,
  type AccountMailPayload,
  type MagicLinkPayload,
  type MailerBinding,
  type ServiceBindingOptions,
  serviceBinding,
} from "./mail/service-binding.js"
