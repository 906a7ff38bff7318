import type { Guest } from "../auth.js"
import { html } from "../html.js"
import { banners, layout, type PageState } from "./layout.js"

/** The front page. */
export function homePage(guest: Guest | undefined, state: PageState, showsMails: boolean): string {
  const body = html`${banners(state)}
<section class="hero">
<div>
<p class="eyebrow">One room, whoever is in it, now</p>
<h1>Come in and talk.</h1>
<p class="lead">Parlour is a single room for the people who are there at the moment. You see who is in it, you say something, they hear it. When somebody closes
the room for the night, everything that was said is gone.</p>
<p class="actions">${
    guest
      ? html`<a class="button" href="/room">Enter the room</a>`
      : html`<a class="button" href="/register">Create an account</a> <a class="button plain" href="/sign-in">Sign in</a>`
  }</p>
${showsMails && html`<p class="hint">This is a demo: mails and text messages arrive <a href="/mails">on this page</a>.</p>`}
</div>
<div class="illustration" aria-hidden="true">
<p class="said"><b>Ines</b> Is the kettle on?</p>
<p class="said own"><b>You</b> Two minutes. Who is coming?</p>
<p class="said"><b>Guest 4711</b> All of us, it seems.</p>
<p class="here"><i></i> 3 people are here</p>
</div>
</section>
<section class="reasons">
<div><h2>A door that knows you</h2><p>Come in with a passkey, or with a password and a second factor: an authenticator app, a text message, a security key.</p></div>
<div><h2>Closed means closed</h2><p>Sign a device out, and its room goes dark at once, on whichever of our servers it sits.</p></div>
<div><h2>Yours to take and to end</h2><p>See everything that was done with your account. Download all of it, or end it; what you said goes too.</p></div>
</section>`
  return layout({ title: "A room for whoever is there", body, guest, path: "/" })
}
