import { createHmac } from "node:crypto"
import { setTimeout } from "node:timers/promises"
import jsqr from "jsqr"
import type { Locator, Page } from "playwright-core"

/** A phone with an authenticator app: RFC 6238, written from the RFC. */
export interface AuthenticatorApp {
  /** A code that this app has not shown before: waits for the next step if need be. */
  nextCode(): Promise<string>
}

/** Reads the QR code as a camera would, by what is on the screen, and sets the app up with what is in it. */
export async function scan(code: Locator): Promise<{ uri: string; app: AuthenticatorApp }> {
  const picture = await code.screenshot()
  const { data, height, width } = await pixelsOf(code.page(), picture)
  const found = jsqr.default(new Uint8ClampedArray(data), width, height)
  if (!found) throw new Error("There is no QR code in the picture.")
  return { uri: found.data, app: appFor(found.data) }
}

/** A blank page of the same browser decodes the picture: the one under test lets in nothing of the kind. */
async function pixelsOf(
  page: Page,
  picture: Buffer,
): Promise<{ data: number[]; width: number; height: number }> {
  const canvas = await page.context().newPage()
  try {
    return await canvas.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
      const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }))
      const drawing = new OffscreenCanvas(image.width, image.height).getContext("2d")
      if (!drawing) throw new Error("no canvas")
      drawing.drawImage(image, 0, 0)
      const { data, height, width } = drawing.getImageData(0, 0, image.width, image.height)
      return { data: [...data], width, height }
    }, picture.toString("base64"))
  } finally {
    await canvas.close()
    await page.bringToFront()
  }
}

function appFor(uri: string): AuthenticatorApp {
  const key = base32(new URL(uri).searchParams.get("secret") ?? "")
  let last = 0
  return {
    async nextCode() {
      // The server takes the step before and after its own, and each once. The oldest that will still be good in twelve seconds.
      const oldest = Math.floor((Date.now() + 12_000) / 30_000) - 1
      const step = Math.max(oldest, last + 1)
      const goodFrom = (step - 1) * 30_000
      if (Date.now() < goodFrom) await setTimeout(goodFrom - Date.now() + 100)
      last = step
      return codeOf(key, step)
    },
  }
}

function codeOf(key: Buffer, step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const digest = createHmac("sha1", key).update(counter).digest()
  const offset = (digest.at(-1) ?? 0) & 15
  return `${(digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000}`.padStart(6, "0")
}

function base32(text: string): Buffer {
  const bits = [...text]
    .map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0"))
    .join("")
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
}
