/**
 * A figure of a report by its title, as the SVG file that it is. The first one counts where several have the title.
 *
 * @returns undefined where the page has none of that title
 */
export const figureInPage = (page: string, title: string): string | undefined => {
  for (const [svg] of page.matchAll(/<svg [^>]*role="img"[\s\S]*?<\/svg>/g))
    if (/<title[^>]*>([^<]*)</.exec(svg)?.[1] === title) return `${svg}\n`;
  return undefined;
};
