import highlight from "@11ty/eleventy-plugin-syntaxhighlight";
import markdown from "markdown-it";
import footnote from "markdown-it-footnote";
import anchor from "markdown-it-anchor";

export default function (config) {
	config.addPlugin(highlight);
	config.setLibrary("md", markdown({ html: true, linkify: true, typographer: true }).use(footnote).use(anchor));
	config.ignores.add("node_modules");
	const newest = (api) => api.getFilteredByTag("posts").slice().reverse();
	config.addCollection("newest", newest);
	// One entry for each page of ten of each tag.
	config.addCollection("tagPages", (api) => {
		const tags = new Map();
		for (const post of newest(api))
			for (const tag of post.data.tags)
				if (tag !== "posts") tags.set(tag, [...(tags.get(tag) ?? []), post]);
		const pages = [];
		for (const [tag, posts] of tags)
			for (let i = 0; i < posts.length; i += 10) pages.push({ tag, number: i / 10 + 1, posts: posts.slice(i, i + 10) });
		return pages;
	});
	// What each feed holds: the newest twenty posts, and the newest ten of each tag.
	config.addCollection("feeds", (api) => {
		const posts = newest(api);
		const tags = [...new Set(posts.flatMap((p) => p.data.tags))].filter((t) => t !== "posts");
		return [{ posts: posts.slice(0, 20) }, ...tags.map((tag) => ({ tag, posts: posts.filter((p) => p.data.tags.includes(tag)).slice(0, 10) }))];
	});
	config.addCollection("tagNames", (api) => [...new Set(api.getFilteredByTag("posts").flatMap((p) => p.data.tags))].filter((t) => t !== "posts").sort());
	config.addFilter("iso", (d) => d.toISOString());
	config.addFilter("json", (v) => JSON.stringify(v));
	config.addFilter("head", (list, n) => list.slice(0, n));
	return { markdownTemplateEngine: false, dir: { input: ".", includes: "_includes", output: "_site" }, templateFormats: ["md", "njk"] };
}
