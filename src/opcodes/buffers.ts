/** Out-of-band buffers that the pickle at work does not call read-only. */
export const writableBuffers = new WeakSet<object>();
