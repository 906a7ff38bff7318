import { expect, test } from "vitest"
import { enter, openSocket, postJson, tokensFrom } from "./socket.js"
import { stage } from "./stage.js"
import { expectNotice, expectRefusal, newAddress, password, register, signIn } from "./visit.js"

const on = stage()

test("two people see each other come and go, and what the other one says and is called", async () => {
  const ines = await on.visit()
  const tom = await on.visit()
  await register(ines.page, on.demo.url)
  await ines.page.getByLabel("Your name here").fill("Ines")
  await ines.page.getByRole("button", { name: "Call me that" }).click()
  await expectNotice(ines.page, "called that")
  await ines.page.getByText("Live", { exact: true }).waitFor()
  await register(tom.page, on.demo.url)
  await tom.page.locator(".people li", { hasText: "Ines" }).waitFor()
  await tom.page.locator(".people li", { hasText: "(you)" }).waitFor()

  await ines.page.getByPlaceholder("Say something").fill("<b>Is the kettle on?</b>")
  await ines.page.getByPlaceholder("Say something").press("Enter")
  const said = tom.page.locator(".messages li", { hasText: "<b>Is the kettle on?</b>" })
  await said.waitFor()
  expect(await said.locator("b").textContent()).toBe("Ines")

  await tom.page.getByLabel("Your name here").fill("Tom")
  await tom.page.getByRole("button", { name: "Call me that" }).click()
  await ines.page.locator(".people li", { hasText: "Tom" }).waitFor()
  await tom.page.goto(`${on.demo.url}/devices`)
  await expect.poll(() => ines.page.locator(".people li", { hasText: "Tom" }).count()).toBe(0)
  expect([...ines.complaints, ...tom.complaints]).toEqual([])
})

test("a session that is ended on the page of devices loses its room at once, and is led to the sign-in", async () => {
  const here = await on.visit()
  const there = await on.visit()
  const email = await register(here.page, on.demo.url)
  await signIn(there.page, on.demo.url, email)
  await there.page.waitForURL(`${on.demo.url}/room`)
  await there.page.getByText("Live", { exact: true }).waitFor()

  await here.page.goto(`${on.demo.url}/devices`)
  await here.page.getByRole("button", { name: "Sign out all other devices" }).click()
  await expectNotice(here.page, "signed out")
  await there.page.waitForURL((url) => url.pathname === "/sign-in")
  await expectRefusal(there.page, "signed out on another device")
  await signIn(there.page, on.demo.url, email)
  await there.page.waitForURL(`${on.demo.url}/room`)
})

test("a program registers, gets its id and tokens, authenticates its socket by the first message, and refreshes in place", async () => {
  const { url } = on.demo
  const email = newAddress()
  const registered = await tokensFrom(url, "register", { email, password }, email)
  const program = await tokensFrom(url, "login", { email, password }, email)
  expect(program.userId).toBe(registered.userId)
  const socket = await openSocket(url)
  socket.send({ type: "Authenticate", user_id: program.userId, session_token: program.accessToken })
  expect(await socket.hears("AuthSuccess")).toMatchObject({
    user_id: program.userId,
    session_id: program.sessionId,
  })
  await socket.hears("Room", ({ you }) => you === program.userId)
  socket.send({ type: "Say", text: "Hello" })
  await socket.hears("Said", ({ message }) => {
    const { text, user_id } = message as { text: string; user_id: string }
    return text === "Hello" && user_id === program.userId
  })
  socket.send({ type: "Say", text: "" })
  expect(await socket.hears("Refused")).toMatchObject({ reason: "invalid_request" })

  const renewed = await tokensFrom(url, "refresh", { refresh_token: program.refreshToken }, email)
  socket.send({ type: "Authenticate", user_id: renewed.userId, session_token: renewed.accessToken })
  await expect.poll(() => socket.heard.filter(({ type }) => type === "AuthSuccess").length).toBe(2)

  const out = await postJson(`${url}/api/auth/logout`, {}, { authorization: `Bearer ${renewed.accessToken}` })
  expect(out.status).toBe(200)
  expect(await socket.closed()).toMatchObject({ code: 4401, reason: "session_ended" })
})

test.each([
  ["no token", { session_token: "nothing" }],
  ["the token of somebody else", { user_id: "another" }],
])("%s opens no room", async (_, wrong) => {
  const { url } = on.demo
  const email = newAddress()
  const { accessToken, userId } = await tokensFrom(url, "register", { email, password }, email)
  const socket = await openSocket(url)
  socket.send({ type: "Authenticate", user_id: userId, session_token: accessToken, ...wrong })
  expect(await socket.hears("AuthFailure")).toMatchObject({ reason: "not_signed_in" })
  expect((await socket.closed()).code).toBe(4401)
  expect(socket.heard.map(({ type }) => type)).toEqual(["AuthFailure"])
})

test("whoever says something before they are authenticated is not heard", async () => {
  const { url } = on.demo
  const email = newAddress()
  const witness = await enter(url, await tokensFrom(url, "register", { email, password }, email))
  const socket = await openSocket(url)
  const words = crypto.randomUUID()
  socket.send({ type: "Say", text: words })
  expect((await socket.closed()).code).toBe(4400)
  witness.send({ type: "Say", text: "Afterwards" })
  await witness.hears("Said")
  expect(JSON.stringify(witness.heard)).not.toContain(words)
  witness.close()
})

test("a page of another site cannot open the room with the visitor's cookie", async () => {
  const { page } = await on.visit()
  await register(page, on.demo.url)
  const [cookie] = (await page.context().cookies()).filter(({ name }) => name === "__Host-session")
  const headers = { cookie: `${cookie?.name}=${cookie?.value}`, origin: "https://elsewhere.example" }
  await expect(openSocket(on.demo.url, headers)).rejects.toThrow("403")
  const own = await openSocket(on.demo.url, { ...headers, origin: on.demo.url })
  await own.hears("AuthSuccess")
  own.close()
})
