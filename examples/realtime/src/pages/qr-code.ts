import { renderSVG } from "uqr"
import { type Html, html, trusted } from "../html.js"

/** The text as a QR code, in the page itself: what is in it is a secret, and belongs to no other server. */
export function qrCode(text: string, label: string): Html {
  const svg = renderSVG(text, { border: 2, pixelSize: 6 })
  return html`<div class="qr" role="img" aria-label="${label}">${trusted(svg)}</div>`
}
