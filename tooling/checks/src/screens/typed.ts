/** Pictures of docs/images/screens by their names, and the lines that are typed. */
export const typed: Readonly<Record<string, readonly string[]>> = {
  demo: ['ntk-lens demo'],
  help: ['ntk-lens --help'],
  run: ['ntk-lens run'],
  finetune: ['ntk-lens finetune --space lora:r=8 --lr 0.1 --steps 40'],
  tasks: ['ntk-lens tasks'],
  errors: [
    'ntk-lens rnu',
    'ntk-lens run --tsak topic',
    'ntk-lens run --task sentimant',
    'NTK_LENS_RUNTIME=ortcpu ntk-lens run',
    'ntk-lens run tickets.csv',
  ],
};
