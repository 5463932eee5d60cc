/** The addresses of pages. */
const part = encodeURIComponent;

export const flowPath = (flow: string) => `/flows/${part(flow)}`;
export const runPath = (flow: string, name: string) => `/runs/${part(flow)}/${part(name)}`;
/** The same as the href of a link: pages are told apart by the fragment, so any file server can serve them. */
export const href = (path: string) => `#${path}`;
