/**
 * What the port promises of strict stores, and KV cannot: checks of the kit, each with why. The README lists the same
 * reasons; everything else of the kit holds on a namespace whose reads do not lag.
 */
export const strictOnly: Readonly<Record<string, string>> = {
  "a duplicate id rejects and leaves the session that has it": "ids are not looked up before they are taken",
  "insert: of N parallel callers with one id one gets true, the others reject":
    "ids are not looked up before they are taken",
  "the epoch is the number of times that deleteByUser ran": "epochs are instants",
  "insert refuses an epoch that is no longer the user's, and stores nothing": "epochs are instants",
  "delete and deleteByUser end what lives and do not count what has expired": "epochs are instants",
  "replace: exactly one of N parallel callers with one revision gets true": "no step is indivisible",
  "find and replace lose no revision among N parallel callers": "no step is indivisible",
  "delete: true for exactly one of N parallel callers": "no step is indivisible",
  "delete against replace: nobody resurrects an ended session": "no step is indivisible",
  "deleteByUser: every one of N parallel callers counts, every session ends once": "no step is indivisible",
  "deleteByUser against 16 parallel inserts and replaces: no session of the older epoch survives":
    "no step is indivisible",
  "deleteByUser against 32 parallel inserts and replaces: no session of the older epoch survives":
    "no step is indivisible",
  "deleteByUser against 64 parallel inserts and replaces: no session of the older epoch survives":
    "no step is indivisible",
  "deleteByUser with an exception against its renewal: it goes on with every renewal":
    "no step is indivisible",
}
