/** The addresses of pages. */
const part = encodeURIComponent;

export const flowPath = (flow: string) => `/flows/${part(flow)}`;
export const instancePath = (id: string) => `/fleet/${part(id)}`;
export const runPath = (flow: string, name: string) => `/runs/${part(flow)}/${part(name)}`;
export const boardPath = (group: string) => `/boards/${part(group)}`;
/** The same as the href of a link: pages are told apart by the fragment, so any file server can serve them. */
export const href = (path: string) => `#${path}`;
