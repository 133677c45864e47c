/*
 * Jupyter's notebook, with a kernel of Python.
 */

import * as path from 'node:path';
import { click, says, see, turn, type } from './hands.mjs';
import { folder, patch, ROOT, serve } from './place.mjs';

/* those with a script */

const TEMPLATES = ['browser-open', 'edit', 'error', 'login', 'logout',
    'notebook', 'page', 'terminal', 'tree'].map((one) =>
    `usr/lib/python3/dist-packages/notebook/templates/${one}.html`);

export const name = 'jupyter';


export const ways = {
    'report-only': {
        reportOnly: true,
        reports: ['script-src eval', 'script-src-elem inline',
            'script-src-elem /static/notebook/js/main.min.js',
            'style-src-attr inline', 'style-src-elem inline'],
    },
    placeholder: {
        patched: true,
        conf: `rtcsp           strict;
            rtcsp_directive script-src + unsafe-eval;
            rtcsp_directive style-src self unsafe-inline;
            rtcsp_nonce_in  script-src;
            rtcsp_nonce     placeholder=file:nonce-placeholder;`,
        reports: [],
        may: ['font-src about'],        /* MathJax measures fonts */
    },
};


export async function start(stack, { port, secret }) {
    const dir = folder(name);

    for (const one of TEMPLATES) {
        patch(one, '<script', secret && `<script nonce="${secret}"`);
    }

    await serve(stack, {
        dir,
        port,
        env: {
            HOME: dir,
            JUPYTER_CONFIG_DIR: dir,
            JUPYTER_DATA_DIR: dir,
            JUPYTER_RUNTIME_DIR: dir,
            JUPYTER_PATH: path.join(ROOT, 'usr/share/jupyter'),
        },
        command: ['python3', '-m', 'notebook', '--no-browser', '--allow-root',
            '--ip=127.0.0.1', `--port=${port}`, '--port-retries=0',
            '--NotebookApp.token=', '--NotebookApp.password=',
            `--notebook-dir=${dir}`],
    });
}


export async function use(page, origin) {
    await page.goto(`${origin}/tree`);
    await see(page, '#new-menu #kernel-python3 a');

    const { name: made } = await page.evaluate(async () => {
        const xsrf = document.cookie.match(/_xsrf=([^;]*)/)[1];
        const res = await fetch('/api/contents', { method: 'POST',
            headers: { 'X-XSRFToken': xsrf },
            body: JSON.stringify({ type: 'notebook' }) });

        return res.json();
    });

    await page.goto(`${origin}/notebooks/${made}?kernel_name=python3`);
    await see(page, '#kernel_indicator_icon.kernel_idle_icon');
    await type(page, '.CodeMirror', 'print(6 * 7)');
    await click(page, '#run_int button');
    await see(page, '.output_subarea', says, '42');
}
