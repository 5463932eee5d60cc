/** A text of a flow's code as it is meant to be read: without the marks of a Python string around it. */
export const plain = (code: string): string => code.replace(/^f?(["'])([^"']*)\1$/, "“$2”");
