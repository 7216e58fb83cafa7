import { parse } from 'csv-parse/browser/esm';
import { describeBrokenTable, tableOptions } from '../../src/core/events/eventsFile.js';
import { badInput } from '../../src/core/events/inputErrors.js';

/** Parses CSV or TSV as the command line does. */
export async function* readCsvRecords(name: string, delimiter: string, texts: AsyncIterable<string>): AsyncGenerator<string[]> {
  const parser = parse(tableOptions(delimiter));
  let failure: unknown = null;
  let onFailure: (error: unknown) => void = () => {};
  parser.on('error', (error) => onFailure((failure = error)));
  /** Hands a part over and waits until it is parsed; `null` ends the file. */
  const feed = (text: string | null): Promise<void> =>
    new Promise((resolve, reject) => {
      onFailure = reject;
      const onDone = (error?: unknown): void => (error || failure ? reject(error ?? failure) : resolve());
      if (text === null) parser.end(onDone);
      else parser.write(text, onDone);
    });
  function* drain(): Generator<string[]> {
    for (let record = parser.read() as string[] | null; record !== null; record = parser.read() as string[] | null) yield record;
  }
  try {
    for await (const text of texts) {
      await feed(text);
      yield* drain();
    }
    await feed(null);
    yield* drain();
  } catch (cause) {
    const broken = describeBrokenTable(name, cause);
    throw broken ? badInput(broken.message, { name, line: broken.line, code: broken.code }, cause) : cause;
  }
}
