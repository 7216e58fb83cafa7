/**
 * What `diversity` brings and costs: the lists of the factor model, plain and more varied. How much 0.3 is was settled on validation
 * parts, cut from the training parts, once for all sets; they are shown for lists of ten around it. The test parts are asked at 0.3 alone.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shelfmate, train, writeTrainingPart } from './trainedFolder.mjs';

const SCALE = [0.2, 0.3, 0.4];
const AT = [10, 20];
const MAX_QUESTIONS = 2_000;

/** Prints both parts; sets that need `realData` are left out where it is not there. */
export async function diversityTable({ work, realData, demoShop }) {
  const of = (path) => join(realData ?? '', path);
  const sets = [
    { name: 'demo shop', id: 'demo-d', events: join(demoShop, 'events.jsonl'), protocol: 'temporal', testDays: 14 },
    ...(realData
      ? [
          { name: 'Online Retail', id: 'retail-d', events: of('online-retail/online_retail.csv.gz'), protocol: 'temporal' },
          {
            name: 'YooChoose',
            id: 'yoochoose-d',
            events: of('yoochoose-1-64/train_sessions.txt.gz'),
            format: 'sequences',
            protocol: 'session-prefixes',
          },
          {
            name: 'Amazon Beauty',
            id: 'beauty-d',
            events: of('amazon-beauty/sequences.txt.gz'),
            format: 'user-items',
            protocol: 'leave-last-out',
          },
        ]
      : []),
  ];
  console.log('Intra-list diversity (mean of 1 - cosine of factors) and NDCG of plain lists, and by how much they change.\n');
  console.log('| set | part | way | diversity | lists of 10 | lists of 20 |\n|---|---|---|---|---|---|');
  for (const set of sets) {
    const part = join(work, `${set.id}.csv`);
    const validation = join(work, `${set.id}-validation.csv`);
    await writeTrainingPart(set.events, set, part);
    await writeTrainingPart(part, { ...set, format: null }, validation);
    const early = await train(validation, join(work, `${set.id}-early`), '--tables', 'none');
    for (const diversity of SCALE)
      await row(set.name, 'validation', early, part, { ...set, format: null, at: [10] }, 'spread', diversity, work);
    const folder = await train(part, join(work, set.id), '--tables', 'none');
    for (const way of ['spread', 'mmr', 'dpp']) await row(set.name, 'test', folder, set.events, set, way, 0.3, work);
  }
  if (!realData) console.log('\nSHELFMATE_REAL_DATA does not name the folder of public sets: their rows are left out.');
}

async function row(name, part, folder, events, { format, protocol, testDays = 30, at = AT }, way, diversity, work) {
  const json = join(work, 'figures.json');
  const cells = [];
  // A list of ten is another one than the first ten of twenty.
  for (const k of at) {
    const options = ['--protocol', protocol, '--test-days', testDays, '--at', k, '--diversity', diversity, '--rerank', way];
    const few = ['--models', `als,als+${way}`, '--max-cases', MAX_QUESTIONS, '--resamples', 0, '--quiet', '--json', json];
    await shelfmate('evaluate', folder, '--events', events, ...(format ? ['--format', format] : []), ...options, ...few);
    const { results, lists } = JSON.parse(readFileSync(json, 'utf8'));
    const diversityOf = (model) => lists[model][`factorDiversity@${k}`];
    const ndcgOf = (model) => results[model][`ndcg@${k}`].value;
    const change = (valueOf) => {
      const percent = 100 * (valueOf(`als+${way}`) / valueOf('als') - 1);
      return `${percent >= 0 ? '+' : ''}${percent.toFixed(1)} %`;
    };
    cells.push(`${diversityOf('als').toFixed(2)} ${change(diversityOf)}, ${ndcgOf('als').toFixed(4)} ${change(ndcgOf)}`);
  }
  console.log(`| ${[name, part, way, diversity, cells[0], cells[1] ?? ''].join(' | ')} |`);
}
