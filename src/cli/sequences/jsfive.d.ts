/** The part of jsfive that is used here. */
declare module 'jsfive' {
  export class Group {
    readonly keys: string[];
    readonly attrs: Readonly<Record<string, unknown>>;
    /** Throws a text when there is no such name. */
    get(path: string): Group | Dataset;
  }
  export class File extends Group {
    constructor(bytes: ArrayBuffer, name: string);
  }
  export class Dataset {
    readonly shape: number[];
    /** "<f4", "<f2", "<i8"; an array for compound and text types. */
    readonly dtype: unknown;
    readonly value: ArrayLike<number>;
  }
}
