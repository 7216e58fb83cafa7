import { basename, resolve } from 'node:path';
import { modelBytes } from '../core/artifact/manifest.js';
import { tableBytes } from '../core/artifact/tables/readTables.js';
import { describeLookalikes } from '../core/events/idMismatch.js';
import type { CliIo } from './cliIo.js';
import type { BlendPoint } from './trainers/fitBlendWeight.js';
import type { TrainReport } from './training/trainReport.js';
import type { RankingMetrics } from './evaluation/evaluateModel.js';
import { tunedFlags } from './trainers/tuneAls.js';
import { formatBytes, formatCount, formatPercent, formatSeconds, layoutTable, painter, plural } from './terminal.js';

/** What a person reads after training, and the same figures for a program. */
export interface TrainSummary {
  readonly text: string;
  readonly figures: Readonly<Record<string, unknown>>;
}

const SHOWN_TRIALS = 10;
/** Under so many shoppers the test says little. */
const FEW_CASES = 100;

/** Puts a training run into words. */
export function trainSummary(report: TrainReport, io: CliIo): TrainSummary {
  const paint = painter(io, io.stdout);
  const { manifest, options } = report;
  const lines = [
    '',
    paint('bold', `Model ${manifest.name}, revision ${manifest.revision}`),
    '',
    ...layoutTable(factRows(report)).map((line) => `  ${line}`),
    '',
    ...tuningLines(report).map((line) => `  ${line}`.trimEnd()),
    ...evaluationLines(report).map((line) => `  ${line}`.trimEnd()),
    '',
    paint('green', `Written to ${options.out}`) +
      `: ${formatBytes(report.folderBytes)} in ${manifest.files.length + 1} files (${options.dtype} factors)${describeTables(manifest)}.`,
    ...warnings(report).map((line) => `${paint('yellow', 'Note')}: ${line}`),
    '',
    'Next:',
    `  shelfmate verify ${options.out}     checks every file as a page would`,
    `  shelfmate inspect ${options.out}    shows what is in it`,
    `  Publish the folder beside your pages and name its address: createRecommender({ model: '/${basename(resolve(options.out))}/' })`,
    '',
  ];
  return { text: lines.join('\n'), figures: figures(report) };
}

function factRows({
  log,
  source,
  catalog,
  joined,
  pairCount,
  options,
  manifest,
  trainMs,
  totalMs,
  eventsPath,
  sequence,
  gruMs,
  tableNotes,
  tablesMs,
  warmStart,
  alsOptions,
}: TrainReport): string[][] {
  const rows: string[][] = [];
  const columns = [...source.columns].map(([role, name]) => (role === name ? name : `${role}=${name}`)).join(', ');
  rows.push(['Read', `${eventsPath} as ${source.format}${columns && ` (${columns})`}`]);
  if (source.note) rows.push(['', source.note]);
  const isTable = !['sequences', 'user-items', 'prefix-target'].includes(source.format);
  rows.push([
    'Events',
    `${formatCount(log.eventCount)} ${isTable ? 'of' : 'on'} ${plural(log.lineCount, 'line')}${log.hasEventNames ? '' : '; without event names, a shopper and an item count once'}`,
  ]);
  for (const [reason, dropped] of [...log.dropped].sort((a, b) => b[1] - a[1]))
    rows.push(['', `${formatCount(dropped)} dropped: ${reason}`]);
  rows.push([
    source.format === 'sequences' || source.format === 'prefix-target' ? 'Sequences' : 'Shoppers',
    formatCount(log.userIds.length),
  ]);
  rows.push([
    'Items',
    `${formatCount(manifest.itemCount)}${joined.itemsWithoutEvents > 0 ? `, ${formatCount(joined.itemsWithoutEvents)} of them without events (found by filters, not recommended from history)` : ''}`,
  ]);
  if (joined.cutItemCount > 0) rows.push(['', `${formatCount(joined.cutItemCount)} left out by --max-items`]);
  if (catalog) {
    rows.push(['Catalogue', `${options.catalog} as ${catalog.format}, ids from ${catalog.columns.get('itemId')}`]);
    for (const note of catalog.notes) rows.push(['', note]);
    const unknown =
      joined.unknownItemCount > 0
        ? `; ${plural(joined.unknownItemCount, 'item')} of the events ${joined.unknownItemCount === 1 ? 'is' : 'are'} not in it`
        : '';
    rows.push(['', `covers ${formatPercent(joined.coveredEvents / joined.eventCount)} of the events${unknown}`]);
    if (catalog.duplicateCount > 0)
      rows.push(['', `${plural(catalog.duplicateCount, 'row')} with an id met before left out, the first stands`]);
    if (catalog.withoutIdCount > 0) rows.push(['', `${plural(catalog.withoutIdCount, 'row')} without an id left out`]);
  }
  if (sequence) {
    const { sessionCount, predictions, bestEpoch } = sequence;
    rows.push([
      'Sequences',
      `GRU, ${options.units} units, epoch ${bestEpoch} of ${options.gruEpochs}, ${formatCount(sessionCount)} sessions, ${formatCount(predictions)} next items: ${formatSeconds(gruMs)}`,
    ]);
  }
  tableNotes.forEach((note, at) => rows.push([at === 0 ? 'Tables' : '', note]));
  if (tableNotes.length > 0) rows.push(['', `made in ${formatSeconds(tablesMs)}, read by the page when a strategy asks for them`]);
  if (options.model === 'gru') return rows;
  if (warmStart) {
    const { revision, knownCount, newCount, goneCount } = warmStart;
    const counts = `${formatCount(knownCount)} items known, ${formatCount(newCount)} new, ${formatCount(goneCount)} gone`;
    rows.push(['Going on from', `${options.from}, revision ${revision}: ${counts}`]);
  }
  rows.push([
    'Training',
    `${describeFactors(manifest, alsOptions)}, ${formatCount(pairCount)} pairs: ${formatSeconds(trainMs)} (${formatSeconds(totalMs)} in all)`,
  ]);
  if (options.model === 'knn' || options.model === 'ease')
    rows.push([
      '',
      `the table ${options.model} is marked as the one that ranks; the factors stand beside it for pages that rank by factors`,
    ]);
  return rows;
}

function describeTables(manifest: TrainReport['manifest']): string {
  const bytes = tableBytes(manifest);
  return bytes === 0 ? '' : `, of them ${formatBytes(bytes)} tables`;
}

function describeFactors({ models }: TrainReport['manifest'], { epochs }: TrainReport['alsOptions']): string {
  const { algorithm, dimensions } = models[0]!;
  const name = algorithm === 'popularity' ? algorithm : algorithm.toUpperCase();
  return `${name}, ${plural(dimensions, 'factor')}${algorithm === 'als' ? `, ${plural(epochs, 'epoch')}` : ''}`;
}

/** The best trials, and the settings to beat. */
function tuningLines({ tuned, eventsPath, options }: TrainReport): string[] {
  if (!tuned) return [];
  const { best, trials, caseCount } = tuned;
  const ranked = [...trials].sort((a, b) => b.ndcgAt10 - a.ndcgAt10 || b.hitRateAt20 - a.hitRateAt20 || a.number - b.number);
  const shown = ranked.filter(({ number }, at) => at < SHOWN_TRIALS || number === 1);
  const table = shown.map(({ number, options: tried, ndcgAt10, hitRateAt20 }) => [
    number === 1 ? '1 (before)' : String(number),
    ...[tried.factors, tried.epochs, tried.regularization, tried.unobservedWeight, tried.nu].map(String),
    ndcgAt10.toFixed(4),
    hitRateAt20.toFixed(4),
  ]);
  return [
    `Tuned: ${plural(trials.length, 'trial')} on the newest item but one of ${plural(caseCount, 'shopper')}; the test's items took no part.`,
    '',
    ...layoutTable([['trial', 'factors', 'epochs', 'lambda', 'alpha0', 'nu', 'NDCG@10', 'HR@20'], ...table], [1, 2, 3, 4, 5, 6, 7]),
    '',
    `The same again: shelfmate train ${eventsPath} --out ${options.out} ${tunedFlags(best.options)}`,
    '',
  ];
}

function evaluationLines(report: TrainReport): string[] {
  const { options, sequence } = report;
  if (!options.evaluate) return ['Not tested (--no-evaluate).'];
  const next = sequence?.validation;
  const sessions = next
    ? [
        `Test of the GRU: the last 5 % of sessions, ${formatCount(next.count)} next items: HR@20 ${next.hitRate20.toFixed(4)}, MRR@20 ${next.mrr20.toFixed(4)}.`,
        'They chose the epoch that was kept, so they flatter a little; shelfmate evaluate tests on events of their own.',
      ]
    : [];
  return options.model === 'gru' ? sessions : [...sessions, ...(next ? [''] : []), ...blendLines(report), ...factorLines(report)];
}

function blendLines({ blend, manifest, options }: TrainReport): string[] {
  if (options.model !== 'both') return [];
  const weight = manifest.sequences[0]!.blendWeight;
  if (!blend) return [`Blend: the session counts ${weight}, by default: too little was held out to fit it on.`, ''];
  const row = (name: string, { ndcg20, mrr20, hitRate20 }: BlendPoint): string[] => [
    name,
    ndcg20.toFixed(4),
    mrr20.toFixed(4),
    hitRate20.toFixed(4),
  ];
  return [
    `Blend: fitted on ${formatCount(blend.caseCount)} next items of the held-out sessions that the shopper had not met; the session counts ${weight}.`,
    '',
    ...layoutTable(
      [
        ['', 'NDCG@20', 'MRR@20', 'HR@20'],
        row('session alone', blend.curve.at(-1)!),
        row('long-term taste alone', blend.curve[0]!),
        row(`blended, ${weight}`, blend.best),
      ],
      [1, 2, 3],
    ),
    '',
  ];
}

function factorLines({ evaluation, options }: TrainReport): string[] {
  if (!evaluation) return ['Not tested: that needs shoppers with at least two different items, and items that more than one shopper met.'];
  const { model, popularity, caseCount, eligibleCount } = evaluation;
  const drawn =
    caseCount < eligibleCount
      ? `${formatCount(caseCount)} shoppers, drawn from ${formatCount(eligibleCount)} by --seed ${options.seed}`
      : plural(caseCount, 'shopper');
  const row = (name: string, key: keyof RankingMetrics): string[] => [
    name,
    model[key].toFixed(4),
    popularity[key].toFixed(4),
    popularity[key] > 0 ? `${(model[key] / popularity[key]).toFixed(1)} x` : '-',
  ];
  return [
    `Test: the newest item of ${drawn}, held out; all items ranked, seen ones left out.`,
    '',
    ...layoutTable([['', 'this model', 'popularity', 'ratio'], row('HR@20', 'hitRateAt20'), row('NDCG@10', 'ndcgAt10')], [1, 2, 3]),
    '',
    `The held-out item is among the first 20 for ${formatPercent(model.hitRateAt20)} of them.`,
    ...(caseCount < FEW_CASES ? [`With only ${plural(caseCount, 'shopper')} these figures say little.`] : []),
  ];
}

function warnings({ log, evaluation, catalog, joined }: TrainReport): string[] {
  const notes: string[] = [];
  if (log.futureCount > 0)
    notes.push(
      `${plural(log.futureCount, 'event')} lie${log.futureCount === 1 ? 's' : ''} in the future. Check the clock or the unit of the time column.`,
    );
  for (const note of [describeLookalikes(log.itemIds, 'item'), describeLookalikes(log.userIds, 'shopper')]) if (note) notes.push(note);
  if (!catalog && log.titles.size === 0) notes.push('Without --catalog the items have only ids: no titles, prices or filters in the page.');
  if (log.userIds.length === 1)
    notes.push('All events are of one shopper, so there is nothing to learn from others. Check the user column.');
  if (joined.items.length === 1) notes.push('There is only one item, so every list will hold at most that one. Check the item column.');
  if (evaluation && evaluation.caseCount >= FEW_CASES && evaluation.model.hitRateAt20 < evaluation.popularity.hitRateAt20) {
    notes.push(
      'The model finds fewer held-out items than plain popularity. Try more events, fewer --factors, or a larger --regularization.',
    );
  }
  return notes;
}

function figures(report: TrainReport): Record<string, unknown> {
  const { log, source, catalog, joined, manifest, options, evaluation } = report;
  return {
    name: manifest.name,
    revision: manifest.revision,
    out: options.out,
    format: source.format,
    columns: Object.fromEntries(source.columns),
    lines: log.lineCount,
    events: log.eventCount,
    dropped: Object.fromEntries(log.dropped),
    futureEvents: log.futureCount,
    users: log.userIds.length,
    gru: report.sequence && {
      sessions: report.sequence.sessionCount,
      validation: report.sequence.validation,
      bestEpoch: report.sequence.bestEpoch,
      seconds: report.gruMs / 1000,
    },
    blend: manifest.sequences[0] && { weight: manifest.sequences[0].blendWeight, fit: report.blend },
    items: manifest.itemCount,
    itemsWithoutEvents: joined.itemsWithoutEvents,
    itemsCut: joined.cutItemCount,
    coverage: catalog ? joined.coveredEvents / joined.eventCount : null,
    catalogDuplicates: catalog?.duplicateCount ?? null,
    pairs: report.pairCount,
    tables: { notes: report.tableNotes, bytes: tableBytes(manifest), seconds: report.tablesMs / 1000 },
    training: { model: options.model, ...(manifest.models[0]!.algorithm === 'als' && report.alsOptions), seconds: report.trainMs / 1000 },
    tuning: report.tuned,
    from: report.warmStart && {
      revision: report.warmStart.revision,
      knownItems: report.warmStart.knownCount,
      newItems: report.warmStart.newCount,
      goneItems: report.warmStart.goneCount,
    },
    totalSeconds: report.totalMs / 1000,
    evaluation: evaluation && {
      protocol: 'leave-last-out, all items ranked, seen items left out',
      cases: evaluation.caseCount,
      eligible: evaluation.eligibleCount,
      model: evaluation.model,
      popularity: evaluation.popularity,
    },
    folder: { bytes: report.folderBytes, payloadBytes: modelBytes(manifest), files: manifest.files.length + 1, dtype: options.dtype },
  };
}
