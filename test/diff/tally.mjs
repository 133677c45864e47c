// What a differential test found, page by page.  A page of the list is a test
// of its own; all generated pages together are one, and are counted apart:
// they are as many as somebody asks for.

const SHOWN = 10;

export class Tally {
    constructor(name, pages, listed) {
        this.name = name;
        this.pages = pages;
        this.listed = listed;
        this.bad = new Set();
        this.broken = 0;
        this.shown = 0;
    }

    say(text) {
        if (this.shown++ < SHOWN) {
            console.log(`not ok - ${text}`);
        }
    }

    // page i is not as it should be; details are printed
    fail(i, why, ...details) {
        const lines = [`${why}: ${JSON.stringify(this.pages[i])}`,
            ...details.map((d) => `  ${JSON.stringify(d)}`)];

        this.bad.add(i);
        this.say(lines.map((line) => line.slice(0, 2000)).join('\n'));
    }

    // the test itself does not hold
    broke(why) {
        this.broken++;
        this.say(why);
    }

    // the exit status; the last line is the one that is counted
    close() {
        const generated = this.pages.length - this.listed;
        const list = [...this.bad].filter((i) => i < this.listed).length;
        const rest = this.bad.size > list ? 1 : 0;
        const failed = list + rest + this.broken;
        const passed = this.listed - list + (generated && !rest ? 1 : 0);

        console.log(`diff ${this.name}: ${passed} passed, ${failed} failed, `
                    + `${generated} generated pages compared`);

        return failed || !passed ? 1 : 0;
    }
}
