/** Fields of config.json by which mixtures of experts say how many there are. */
const fields = [
  'num_local_experts',
  'num_experts',
  'n_routed_experts',
  'moe_num_experts',
  'num_experts_per_tok',
];

/** The field by which a configuration, or that of its text model, says that it has experts: `num_experts: 8`. */
export const expertsOf = (config: object): string | undefined => {
  const text = (config as { readonly text_config?: unknown }).text_config;
  for (const level of [config, text]) {
    if (typeof level !== 'object' || level === null) continue;
    for (const field of fields) {
      const count = (level as Readonly<Record<string, unknown>>)[field];
      if (typeof count === 'number' && count > 0) return `${field}: ${count}`;
    }
  }
  return undefined;
};
