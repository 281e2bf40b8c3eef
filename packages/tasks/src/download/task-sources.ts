/** One file to download. */
export interface SourceFile {
  /** A documented public address. */
  readonly url: string;
  /** Published SHA-256, where there is one; otherwise the first download's is recorded and must hold from then on. */
  readonly sha256?: string;
  /** Published size in bytes. */
  readonly bytes?: number;
  /** The format of a file that packs others. */
  readonly pack?: 'zip' | 'tar';
  /** Path in the pack (or any name, for a file that is no pack) → name under which its content goes on. */
  readonly members: Readonly<Record<string, string>>;
  /** Keep the download: other tasks come from the same file. */
  readonly keep?: boolean;
}

/** The source of a task's full data. */
export interface TaskSource {
  readonly files: readonly SourceFile[];
  /** Turns what was downloaded into LM-BFF's layout, where it is not in it yet. */
  readonly convert?: 'mrpc' | 'cr';
  /** The known facts about the data's licence. The data are their authors', not part of this project. */
  readonly licence: string;
  readonly homepage: string;
}

const glueUrl = (file: string): string => `https://dl.fbaipublicfiles.com/glue/data/${file}`;

/** The sums and sizes of GLUE and AG News are those that Hugging Face `datasets` 1.x published in dataset_infos.json. */
const glue = (
  file: string,
  folder: string,
  sha256: string,
  bytes: number,
  names: readonly string[] = ['train.tsv', 'dev.tsv'],
): readonly SourceFile[] => [
  {
    url: glueUrl(file),
    sha256,
    bytes,
    pack: 'zip',
    members: Object.fromEntries(names.map((name) => [`${folder}/${name}`, name])),
  },
];

const lmBff = (folder: string, names: readonly string[]): readonly SourceFile[] => [
  {
    url: 'https://nlp.cs.princeton.edu/projects/lm-bff/datasets.tar',
    pack: 'tar',
    members: Object.fromEntries(names.map((name) => [`original/${folder}/${name}`, name])),
    keep: true,
  },
];
const csvs = ['train.csv', 'test.csv'] as const;
const tsvs = ['train.tsv', 'dev.tsv'] as const;

const agNewsUrl = 'https://raw.githubusercontent.com/mhjabreel/CharCnn_Keras/master/data/ag_news_csv';
const unstated = 'Its authors state no licence';
const treebank = {
  licence: `${unstated}; film-review snippets, distributed for research (Stanford Sentiment Treebank).`,
  homepage: 'https://nlp.stanford.edu/sentiment/',
};
const reviews = { homepage: 'https://www.cs.cornell.edu/people/pabo/movie-review-data/' };
const customer = {
  licence: `${unstated}; customer reviews collected for research by Hu and Liu (2004).`,
  homepage: 'https://www.cs.uic.edu/~liub/FBS/sentiment-analysis.html',
};

/** Where the registry's tasks come from, by task name. The embedded tasks need no download. */
export const taskSources: Readonly<Record<string, TaskSource>> = {
  'SST-2': {
    files: glue(
      'SST-2.zip',
      'SST-2',
      'd67e16fb55739c1b32cdce9877596db1c127dc322d93c082281f64057c16deaa',
      7439277,
    ),
    ...treebank,
  },
  'SST-2-original': { files: lmBff('SST-2', tsvs), ...treebank },
  'sst-5': { files: lmBff('sst-5', csvs), ...treebank },
  mr: {
    files: lmBff('mr', csvs),
    licence: `${unstated}; film-review snippets collected for research by Pang and Lee (2005).`,
    ...reviews,
  },
  cr: { files: lmBff('cr', csvs), convert: 'cr', ...customer },
  'cr-lmbff': { files: lmBff('cr', csvs), ...customer },
  mpqa: {
    files: lmBff('mpqa', csvs),
    licence: 'Distributed for research under the terms of the MPQA Opinion Corpus; see its page.',
    homepage: 'https://mpqa.cs.pitt.edu/',
  },
  subj: {
    files: lmBff('subj', csvs),
    licence: `${unstated}; review snippets and plot summaries collected for research by Pang and Lee (2004).`,
    ...reviews,
  },
  trec: {
    files: lmBff('trec', csvs),
    licence: `${unstated}; questions collected for research by Li and Roth (2002).`,
    homepage: 'https://cogcomp.seas.upenn.edu/Data/QA/QC/',
  },
  ag_news: {
    files: [
      {
        url: `${agNewsUrl}/train.csv`,
        sha256: '76a0a2d2f92b286371fe4d4044640910a04a803fdd2538e0f3f29a5c6f6b672e',
        bytes: 29470338,
        members: { 'train.csv': 'train.csv' },
      },
      {
        url: `${agNewsUrl}/test.csv`,
        sha256: '521465c2428ed7f02f8d6db6ffdd4b5447c1c701962353eb2c40d548c3c85699',
        bytes: 1857427,
        members: { 'test.csv': 'test.csv' },
      },
    ],
    licence: 'Licence unknown; provided for research and other non-commercial activity.',
    homepage: 'http://groups.di.unipi.it/~gulli/AG_corpus_of_news_articles.html',
  },
  MNLI: {
    files: glue(
      'MNLI.zip',
      'MNLI',
      'e7c1d896d26ed6caf700110645df426cc2d8ebf02a5ab743d5a5c68ac1c83633',
      312783507,
      ['train.tsv', 'dev_matched.tsv', 'dev_mismatched.tsv'],
    ),
    licence:
      'Mostly under the OANC licence (free use); its fiction is partly CC BY 3.0, CC BY-SA 3.0 or public domain.',
    homepage: 'https://cims.nyu.edu/~sbowman/multinli/',
  },
  SNLI: {
    files: lmBff('SNLI', tsvs),
    licence: 'CC BY-SA 4.0.',
    homepage: 'https://nlp.stanford.edu/projects/snli/',
  },
  QNLI: {
    files: glue(
      'QNLIv2.zip',
      'QNLI',
      'e634e78627a29adaecd4f955359b22bf5e70f2cbd93b493f2d624138a0c0e5f5',
      10627589,
    ),
    licence: 'CC BY-SA 4.0 (made from SQuAD).',
    homepage: 'https://rajpurkar.github.io/SQuAD-explorer/',
  },
  RTE: {
    files: glue('RTE.zip', 'RTE', '6bf86de103ecd335f3441bd43574d23fef87ecc695977a63b82d5efb206556ee', 697150),
    licence: `${unstated}; from the PASCAL RTE challenges, distributed for research.`,
    homepage: 'https://aclweb.org/aclwiki/Recognizing_Textual_Entailment',
  },
  MRPC: {
    files: [
      {
        url: 'https://dl.fbaipublicfiles.com/senteval/senteval_data/msr_paraphrase_train.txt',
        sha256: '60a9b09084528f0673eedee2b69cb941920f0b8cd0eeccefc464a98768457f89',
        bytes: 1047044,
        members: { 'msr_paraphrase_train.txt': 'all.tsv' },
      },
      {
        url: glueUrl('mrpc_dev_ids.tsv'),
        sha256: '971d7767d81b997fd9060ade0ec23c4fc31cbb226a55d1bd4a1bac474eb81dc7',
        bytes: 6222,
        members: { 'mrpc_dev_ids.tsv': 'dev_ids.tsv' },
      },
    ],
    convert: 'mrpc',
    licence: "Under Microsoft Research's data licence; see its page.",
    homepage: 'https://www.microsoft.com/en-us/download/details.aspx?id=52398',
  },
  QQP: {
    files: glue(
      'QQP-clean.zip',
      'QQP',
      '40e7c862c04eb26ee04b67fd900e76c45c6ba8e6d8fab4f8f1f8072a1a3fbae0',
      41696084,
    ),
    licence: "Subject to Quora's terms of service; non-commercial use.",
    homepage: 'https://quoradata.quora.com/First-Quora-Dataset-Release-Question-Pairs',
  },
  CoLA: {
    files: glue(
      'CoLA.zip',
      'CoLA',
      'f212fcd832b8f7b435fb991f101abf89f96b933ab400603bf198960dfc32cbff',
      376971,
    ),
    licence: `${unstated}; example sentences quoted from published linguistics literature.`,
    homepage: 'https://nyu-mll.github.io/CoLA/',
  },
  'STS-B': {
    files: glue(
      'STS-B.zip',
      'STS-B',
      'e60a6393de5a8b5b9bac5020a1554b54e3691f9d600b775bd131e613ac179c85',
      802872,
    ),
    licence: 'Mixed: each of its sources has its own licence; see its page.',
    homepage: 'http://ixa2.si.ehu.eus/stswiki/index.php/STSbenchmark',
  },
};
