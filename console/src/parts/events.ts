// What the extra data of events says.

/** The name of the goal that an event of type `custom` completes. */
export function goalOf(extraData: Record<string, unknown>): string {
  const { eventName } = extraData;
  return typeof eventName === "string" && eventName !== "" ? eventName : "a goal";
}
