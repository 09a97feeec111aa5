// What stands in the way of a bar that is not met, by its name on the page. Written by hand.
export const REMARKS: Readonly<Record<string, string>> = {}
