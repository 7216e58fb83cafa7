import type { EvaluationOptions, ModelFile, Protocol } from 'shelfmate/evaluation';
import { element, icon } from '../dom.js';
import { createDropZone } from './dropZone.js';
import { checkboxes, field, select } from './fields.js';
import type { Page } from './page.js';

export type Chosen = Omit<EvaluationOptions, 'signal' | 'onProgress' | 'worker'>;

export interface SetupForm {
  readonly node: HTMLFormElement;
  /** Puts a sentence under the buttons; null takes it away. */
  say(message: string | null): void;
  setRunning(isRunning: boolean): void;
  focus(): void;
}

export interface SetupActions {
  run(chosen: Chosen): void;
  cancel(): void;
}

export const DEMO_MODEL = './heldout-model/';
export const DEMO_EVENTS = './shop/events.jsonl';
const BACKENDS = ['wasm', 'webgpu', 'webgl', 'cpu'] as const;

/** Where the person says what to measure. */
export function createSetupForm(page: Page, modelAddress: string | null, { run, cancel }: SetupActions): SetupForm {
  const { words } = page;
  let usesDemoEvents = false;

  const address = element('input', {
    type: 'text',
    inputmode: 'url',
    autocomplete: 'off',
    spellcheck: 'false',
    value: modelAddress ?? DEMO_MODEL,
  });
  const addressHelp = element('small', {}, words.modelDemo);
  const followAddress = (): void => void (addressHelp.hidden = address.value !== DEMO_MODEL || model.files.length > 0);
  address.addEventListener('input', followAddress);
  const model = createDropZone(page, {
    name: 'model',
    hint: words.modelHint,
    button: words.chooseFolder,
    takesFolder: true,
    onChange: () => {
      address.disabled = model.files.length > 0;
      followAddress();
    },
  });

  const demoEventsName = element('p', { class: 'chosen', hidden: true });
  const useDemoEvents = element(
    'button',
    { class: 'button quiet small', type: 'button', 'data-action': 'demo-events', onclick: () => setDemoEvents(true) },
    words.demoEvents,
  );
  const events = createDropZone(page, {
    name: 'events',
    hint: words.eventsHint,
    button: words.chooseFile,
    takesFolder: false,
    more: [useDemoEvents],
    onChange: () => {
      if (events.files.length > 0) setDemoEvents(false);
      say(null);
    },
  });
  demoEventsName.append(
    element('strong', {}, 'events.jsonl'),
    element('button', { class: 'text-button', type: 'button', onclick: () => setDemoEvents(false) }, words.clear),
  );
  events.node.append(demoEventsName);
  function setDemoEvents(isOn: boolean): void {
    usesDemoEvents = isOn;
    demoEventsName.hidden = !isOn;
    if (!isOn) return;
    events.clear();
    page.announce('events.jsonl');
    say(null);
  }

  const protocolHelp = element('small', {});
  const protocol = select(words.protocols, followProtocol);
  const cutoffs = element('input', { type: 'text', inputmode: 'numeric', value: '10, 20', autocomplete: 'off' });
  const test = createDropZone(page, {
    name: 'test',
    hint: words.testHint,
    button: words.chooseFile,
    takesFolder: false,
    onChange: () => say(null),
  });
  const testBlock = element('div', { class: 'field test-file' }, element('span', { class: 'label' }, words.testFile), test.node);
  const targets = select(words.targetNames);
  const testDays = element('input', { type: 'number', min: 0.1, step: 'any', value: 30 });
  const testShare = element('input', { type: 'number', min: 0, max: 1, step: 0.01, value: 0.1 });
  const ofTemporal = [field('targets', words.targets, targets), field('test-days', words.testDays, testDays)];
  const ofSessions = [field('test-share', words.testShare, testShare)];
  const seen = select(words.seenNames);
  const models = element('input', { type: 'text', placeholder: words.modelsHint, autocomplete: 'off' });
  const columns = element('input', { type: 'text', placeholder: words.columnsHint, autocomplete: 'off' });
  const maxCases = element('input', { type: 'number', min: 1, step: 1, placeholder: words.maxCasesHint });
  const backend = select(Object.fromEntries(['auto', ...BACKENDS].map((name) => [name, name])));
  const measured = checkboxes('measured', words.measure, BACKENDS);
  function followProtocol(): void {
    const chosen = protocol.value as Protocol;
    protocolHelp.textContent = words.protocolHelp[chosen];
    for (const node of ofTemporal) node.hidden = chosen !== 'temporal';
    for (const node of ofSessions) node.hidden = chosen !== 'session-prefixes' || test.files.length > 0;
    testBlock.hidden = chosen === 'leave-last-out' || chosen === 'temporal';
  }

  const message = element('p', { class: 'form-message', role: 'alert' });
  const runButton = element('button', { class: 'button', type: 'submit', 'data-action': 'run' }, words.run);
  const cancelButton = element(
    'button',
    { class: 'button quiet', type: 'button', 'data-action': 'cancel', hidden: true, onclick: cancel },
    words.cancel,
  );
  const tryDemo = element(
    'button',
    {
      class: 'text-button',
      type: 'button',
      'data-action': 'try-demo',
      onclick: () => {
        model.clear();
        address.value = DEMO_MODEL;
        followAddress();
        setDemoEvents(true);
        protocol.value = 'leave-last-out';
        followProtocol();
        submit();
      },
    },
    words.tryDemo,
  );

  function say(text: string | null): void {
    message.textContent = text ?? '';
  }

  function submit(): void {
    const needsTest = protocol.value === 'given-split' && test.files.length === 0;
    const problem =
      model.files.length === 0 && address.value.trim() === ''
        ? words.needModel
        : events.files.length === 0 && !usesDemoEvents
          ? words.needEvents
          : needsTest
            ? words.needTest
            : null;
    say(problem);
    if (problem === null) run(read());
  }

  function read(): Chosen {
    const list = (text: string): string[] =>
      text
        .split(/[,，\s]+/)
        .map((part) => part.trim())
        .filter(Boolean);
    const names = list(models.value);
    const testFile = testBlock.hidden ? undefined : test.files[0]?.file;
    return {
      model: model.files.length > 0 ? model.files : new URL(address.value.trim(), location.href),
      events: usesDemoEvents ? new URL(DEMO_EVENTS, location.href) : fileOf(events.files[0]!),
      ...(testFile && { test: testFile as File }),
      protocol: protocol.value as Protocol,
      at: list(cutoffs.value).map(Number),
      ...(names.length > 0 && { models: names }),
      columns: Object.fromEntries(list(columns.value.replace(/\s*=\s*/g, '=')).map((pair) => splitPair(pair))),
      ...(seen.value !== '' && { seen: seen.value as 'exclude' | 'include' }),
      targets: targets.value as NonNullable<Chosen['targets']>,
      testDays: testDays.valueAsNumber,
      testShare: testShare.valueAsNumber,
      ...(maxCases.value !== '' && { maxCases: maxCases.valueAsNumber }),
      backend: backend.value as NonNullable<Chosen['backend']>,
      measured: measured.checked() as NonNullable<Chosen['measured']>,
    };
  }

  const step = (number: string, title: string, ...parts: readonly HTMLElement[]): HTMLElement =>
    element(
      'section',
      { class: 'setup-step' },
      element('h2', {}, element('span', { class: 'step-number', 'aria-hidden': 'true' }, number), title),
      ...parts,
    );
  const fieldset = element(
    'fieldset',
    { class: 'setup-fields' },
    element(
      'div',
      { class: 'setup-steps' },
      step('1', words.model, field('model', words.modelAddress, address, addressHelp), model.node),
      step('2', words.events, events.node),
      step(
        '3',
        words.question,
        field('protocol', words.protocol, protocol, protocolHelp),
        field('cutoffs', words.cutoffs, cutoffs),
        ...ofTemporal,
        ...ofSessions,
        testBlock,
      ),
    ),
    element(
      'details',
      { class: 'setup-more' },
      element('summary', {}, words.more),
      element(
        'div',
        { class: 'more-fields' },
        field('seen', words.seen, seen),
        field('models', words.models, models),
        field('columns', words.columns, columns),
        field('max-cases', words.maxCases, maxCases),
        field('backend', words.rankOn, backend),
        measured.node,
      ),
    ),
  );
  const node = element(
    'form',
    {
      class: 'setup',
      novalidate: true,
      onsubmit: (event) => {
        event.preventDefault();
        submit();
      },
    },
    fieldset,
    element(
      'div',
      { class: 'setup-run' },
      runButton,
      cancelButton,
      tryDemo,
      element('p', { class: 'private-note' }, icon('lock'), words.private),
      message,
    ),
  );
  followProtocol();
  followAddress();
  return {
    node,
    say,
    setRunning: (isRunning) => {
      fieldset.disabled = isRunning;
      runButton.hidden = isRunning;
      tryDemo.hidden = isRunning;
      cancelButton.hidden = !isRunning;
      if (isRunning) cancelButton.focus();
    },
    focus: () => runButton.focus(),
  };
}

function fileOf({ file, path }: ModelFile): File {
  return file instanceof File ? file : new File([file], path);
}

function splitPair(pair: string): [string, string] {
  const at = pair.indexOf('=');
  return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
}
