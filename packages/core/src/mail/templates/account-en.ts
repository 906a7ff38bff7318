import type { AccountTemplate } from "../mail-template.js"
import { accountLetter } from "./account-letter.js"

const notMine = "If it was not you, choose a new password at once, and tell us."

/** The built-in mails about accounts in English. */
export const accountEn: AccountTemplate = accountLetter({
  language: "en",
  copyAddress: "If it does not open, copy this address into your browser:",
  linkValidUntil: (until) => `The link is valid until ${until}, and works once.`,
  links: {
    verify_email: {
      subject: (appName) => `Confirm your e-mail address for ${appName}`,
      openLink: "Open this link to confirm that this address is yours:",
      notYou:
        "If you have created no account with us, do not open it: somebody else has, and without it they cannot say that the address is theirs.",
    },
    confirm_email: {
      subject: (appName) => `Confirm your new e-mail address for ${appName}`,
      openLink: "Open this link to make this address the one of your account:",
      notYou: "If you did not ask for it, ignore this mail: without it nothing changes.",
    },
    email_changed: {
      subject: (appName) => `Your e-mail address for ${appName} was changed`,
      openLink:
        "Your account has another e-mail address now, and its mails go there. If it was not you, open this link to take the change back:",
      linkText: "Take the change back",
      notYou: "If it was you, there is nothing to do. Do not pass this mail on.",
    },
    reset_password: {
      subject: (appName) => `Choose a new password for ${appName}`,
      openLink: "Open this link to choose a new password:",
      notYou:
        "Do not pass this mail on. If you did not ask for it, ignore it: without it your password stays as it is.",
    },
    reactivate_account: {
      subject: (appName) => `Reactivate your account with ${appName}`,
      openLink: "Open this link to use your account again:",
      notYou:
        "Do not pass this mail on. If you did not ask for it, ignore it: without it your account stays closed.",
    },
  },
  code: {
    subject: (appName) => `Your code for ${appName}`,
    enterCode: "Enter this code on the page that asks for it:",
    validUntil: (until) => `The code is valid until ${until}, and works once.`,
    notYou:
      "Tell nobody the code, not even us. If you are not signing in now, somebody may know your password: choose a new one.",
  },
  notices: {
    password_changed: {
      subject: (appName) => `Your password for ${appName} was changed`,
      happened: (at) => `The password of your account was changed: ${at}.`,
      notYou: notMine,
    },
    password_reset: {
      subject: (appName) => `Your password for ${appName} was reset`,
      happened: (at) =>
        `A new password was chosen for your account through a link in a mail: ${at}. Everybody who was signed in was signed out.`,
      notYou: notMine,
    },
    factor_added: {
      subject: (appName) => `A way to sign in to ${appName} was added`,
      happened: (at) =>
        `Your account has a further proof of who you are, as an app, a passkey or a phone is: added ${at}.`,
      notYou: notMine,
    },
    factor_removed: {
      subject: (appName) => `A way to sign in to ${appName} was removed`,
      happened: (at) =>
        `Your account has lost a proof of who you are, as an app, a passkey or a phone is: removed ${at}.`,
      notYou: notMine,
    },
    recovery_codes_replaced: {
      subject: (appName) => `You have new recovery codes for ${appName}`,
      happened: (at) =>
        `The recovery codes of your account were replaced: ${at}. The old ones no longer work.`,
      notYou: notMine,
    },
    recovery_code_used: {
      subject: (appName) => `A recovery code for ${appName} was used`,
      happened: (at) => `Somebody signed in to your account with a recovery code: ${at}.`,
      notYou: notMine,
    },
    account_reactivated: {
      subject: (appName) => `Your account with ${appName} was reactivated`,
      happened: (at) => `Your account was reactivated: ${at}. You can sign in to it again.`,
      notYou: notMine,
    },
    account_erased: {
      subject: (appName) => `Your account with ${appName} was erased`,
      happened: (at) => `Your account and what belonged to it were erased: ${at}.`,
      notYou: "It cannot be brought back. If it was not you, tell us.",
    },
  },
})
