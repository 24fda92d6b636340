import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import ts from 'typescript';
import { packageConfig } from '../../build/package/config.ts';
import { contentSecurityPolicy } from '../../shared/contract/csp.ts';

/*
 * What Electronegativity looks for in an Electron app, over our own sources. Its checks are named above each test
 * (https://github.com/doyensec/electronegativity/wiki); ours are stricter where we never need what it only warns of.
 * Its checks of old Electrons (PROTOCOL_HANDLER of `webFrame`, HTTP_RESOURCES of `loadURL` in webviews) have
 * nothing left to look at.
 */
interface Source {
  readonly name: string;
  readonly tree: ts.SourceFile;
}

const sources: readonly Source[] = globSync([
  'electron/*.ts',
  'electron/desktop/**/*.ts',
  'electron/hosts/utility/**/*.ts',
  'renderer/**/*.{ts,tsx}',
]).map((file) => {
  const name = file.replaceAll('\\', '/');
  return { name, tree: ts.createSourceFile(name, readFileSync(name, 'utf8'), ts.ScriptTarget.Latest, true) };
});
const shell = sources.filter(({ name }) => !name.startsWith('renderer/'));

interface Place {
  readonly node: ts.Node;
  readonly at: string;
}

const placesBySource = new Map(sources.map((source) => [source, nodesOf(source)]));

function nodesOf({ name, tree }: Source): Place[] {
  const found: Place[] = [];
  const visit = (node: ts.Node): void => {
    const line = tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1;
    found.push({ node, at: `${name}:${line}` });
    node.forEachChild(visit);
  };
  visit(tree);
  return found;
}

/** Every node of the sources, with where it is. */
function nodes(of: readonly Source[] = sources): Place[] {
  return of.flatMap((source) => placesBySource.get(source) ?? []);
}

/** Where a property of an object literal is given, and the text of what it is given. */
function given(property: string): { readonly value: string; readonly at: string }[] {
  return nodes().flatMap(({ node, at }) =>
    ts.isPropertyAssignment(node) && node.name.getText() === property
      ? [{ value: node.initializer.getText(), at }]
      : [],
  );
}

/** Where a function or method of a name is called, with its arguments. */
function calls(
  name: string,
  of = sources,
): { readonly text: string; readonly args: readonly string[]; readonly at: string }[] {
  return nodes(of).flatMap(({ node, at }) => {
    if (!ts.isCallExpression(node) && !ts.isNewExpression(node)) return [];
    const called = ts.isPropertyAccessExpression(node.expression)
      ? node.expression.name.text
      : node.expression.getText();
    return called === name
      ? [{ text: node.getText(), args: (node.arguments ?? []).map((one) => one.getText()), at }]
      : [];
  });
}

/** Where an event is listened to by name. */
function listens(event: string): string[] {
  return calls('on', shell)
    .filter(({ args }) => args[0] === `'${event}'`)
    .map(({ at }) => at);
}

function places(found: readonly { readonly at: string }[]): string[] {
  return found.map(({ at }) => at.replace(/:\d+$/, ''));
}

describe("Electron's security checklist, over the sources", () => {
  it('has sources to look at', () => {
    assert.ok(shell.some(({ name }) => name === 'electron/main.ts'));
    assert.ok(sources.length > shell.length + 20);
  });

  // CONTEXT_ISOLATION_JS_CHECK, SANDBOX_JS_CHECK, NODE_INTEGRATION_JS_CHECK, PRELOAD_JS_CHECK
  it('opens every window isolated, sandboxed and without Node', () => {
    const windows = calls('BrowserWindow');
    assert.deepEqual(places(windows), ['electron/main.ts']);
    for (const [property, value] of [
      ['contextIsolation', 'true'],
      ['sandbox', 'true'],
      ['nodeIntegration', 'false'],
      ['nodeIntegrationInWorker', 'false'],
      ['nodeIntegrationInSubFrames', 'false'],
    ] as const) {
      const found = given(property);
      assert.ok(found.length > 0, property);
      for (const one of found) assert.equal(one.value, value, one.at);
    }
    assert.equal(calls('enableSandbox').length, 1);
  });

  // WEB_SECURITY_JS_CHECK, INSECURE_CONTENT_JS_CHECK, EXPERIMENTAL_FEATURES_JS_CHECK, BLINK_FEATURES_JS_CHECK, AUXCLICK_JS_CHECK
  it('leaves the web security of Chromium as it is', () => {
    for (const one of given('webSecurity')) assert.equal(one.value, 'true', one.at);
    for (const property of [
      'allowRunningInsecureContent',
      'experimentalFeatures',
      'webviewTag',
      'navigateOnDragDrop',
    ]) {
      const found = given(property);
      assert.equal(found.length, 1, property);
      for (const one of found) assert.equal(one.value, 'false', one.at);
    }
    for (const property of ['enableBlinkFeatures', 'bypassCSP', 'allowServiceWorkers']) {
      assert.deepEqual(given(property), [], property);
    }
    // A click with the middle button opens nothing.
    const disabled = given('disableBlinkFeatures').map(({ value }) => value);
    assert.deepEqual(disabled, ["'Auxclick'"]);
  });

  // CUSTOM_ARGUMENTS_JS_CHECK, DANGEROUS_FUNCTIONS_JS_CHECK
  it('loosens nothing by switches, and runs no text as code', () => {
    for (const name of ['appendSwitch', 'appendArgument', 'executeJavaScript', 'insertCSS', 'eval', 'Function']) {
      assert.deepEqual(calls(name), [], name);
    }
    for (const { node, at } of nodes()) {
      if (ts.isStringLiteralLike(node))
        assert.doesNotMatch(node.text, /^--(disable-web-security|no-sandbox|ignore-cert)/, at);
    }
  });

  // CERTIFICATE_ERROR_EVENT_JS_CHECK, CERTIFICATE_VERIFY_PROC_JS_CHECK
  it('believes no certificate that the system does not believe', () => {
    assert.deepEqual(listens('certificate-error'), []);
    assert.deepEqual(calls('setCertificateVerifyProc'), []);
    assert.deepEqual(given('rejectUnauthorized'), []);
  });

  // OPEN_EXTERNAL_JS_CHECK
  it('opens addresses and files outside in one place each, which look at them first', () => {
    assert.deepEqual(places(calls('openExternal')), ['electron/desktop/guard.ts']);
    assert.deepEqual(
      places(calls('openPath', shell)).filter((place) => !place.includes('hosts/utility')),
      ['electron/desktop/opening.ts'],
    );
    const [guard] = sources.filter(({ name }) => name === 'electron/desktop/guard.ts');
    assert.ok(guard);
    const browser = guard.tree.statements.find(
      (one) => ts.isFunctionDeclaration(one) && one.name?.text === 'browserOf',
    );
    assert.match(browser?.getText() ?? '', /webAddress\(url\)[\s\S]*throw[\s\S]*openExternal\(address\)/);
  });

  // PERMISSION_REQUEST_HANDLER_JS_CHECK, PERMISSION_REQUEST_HANDLER_GLOBAL_CHECK
  it('answers requests for permissions, all of them with no', () => {
    for (const name of [
      'setPermissionRequestHandler',
      'setPermissionCheckHandler',
      'setDevicePermissionHandler',
      'setDisplayMediaRequestHandler',
    ]) {
      const found = calls(name);
      assert.deepEqual(places(found), ['electron/desktop/guard.ts'], name);
      assert.match(found[0]?.args[0] ?? '', /=> (false|callback\((false|null)\))$/);
    }
  });

  // LIMIT_NAVIGATION_JS_CHECK, LIMIT_NAVIGATION_GLOBAL_CHECK, ALLOWPOPUPS_HTML_CHECK, SECURITY_WARNINGS_DISABLED_JS_CHECK
  it('limits navigation, windows and webviews', () => {
    for (const event of [
      'will-navigate',
      'will-frame-navigate',
      'will-redirect',
      'will-attach-webview',
      'web-contents-created',
    ]) {
      assert.equal(listens(event).length, 1, event);
    }
    const [open] = calls('setWindowOpenHandler');
    assert.match(open?.text ?? '', /action: 'deny'/);
    assert.doesNotMatch(open?.text ?? '', /'allow'/);
    for (const { name, tree } of sources) {
      assert.doesNotMatch(tree.text, /allowpopups|<webview|ELECTRON_DISABLE_SECURITY_WARNINGS/i, name);
    }
  });

  // CSP_GLOBAL_CHECK
  it('has a strict Content-Security-Policy', () => {
    const policy = new Map(
      contentSecurityPolicy('abc')
        .split(';')
        .map((part) => {
          const [name = '', ...values] = part.trim().split(/\s+/);
          return [name, values] as const;
        }),
    );
    assert.deepEqual(policy.get('default-src'), ["'none'"]);
    assert.deepEqual(policy.get('script-src'), ["'self'"]);
    assert.deepEqual(policy.get('connect-src'), ["'self'"]);
    for (const name of ['base-uri', 'form-action', 'frame-ancestors'])
      assert.deepEqual(policy.get(name), ["'none'"], name);
    for (const [name, values] of policy) {
      for (const value of values) assert.doesNotMatch(value, /unsafe|\*|^https?:/, name);
    }
  });

  // REMOTE_MODULE_JS_CHECK, AFFINITY_GLOBAL_CHECK
  it('imports Electron in the main process and the preload alone, and its remote module nowhere', () => {
    const importing = nodes().flatMap(({ node, at }) => {
      if (!ts.isImportDeclaration(node) || !ts.isStringLiteral(node.moduleSpecifier)) return [];
      const typesOnly = node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
      return !typesOnly && /^(electron|@electron\/.*)$/.test(node.moduleSpecifier.text) ? [{ at }] : [];
    });
    assert.deepEqual(places(importing).sort(), ['electron/main.ts', 'electron/preload.ts']);
    assert.deepEqual(given('enableRemoteModule'), []);
    assert.deepEqual(given('affinity'), []);
  });

  // PRELOAD_JS_CHECK, CONTEXT_ISOLATION: what the preload hands on
  it('hands the page functions of its own, and nothing of Electron', () => {
    const exposed = calls('exposeInMainWorld');
    assert.deepEqual(places(exposed), ['electron/preload.ts']);
    assert.deepEqual(exposed[0]?.args, ["'strongroom'", 'bridge']);
    const [preload] = sources.filter(({ name }) => name === 'electron/preload.ts');
    assert.ok(preload);
    assert.doesNotMatch(preload.tree.text, /:\s*ipcRenderer\b(?!\.)/);
  });

  // HTTP_RESOURCES_JS_CHECK, HTTP_RESOURCES_HTML_CHECK, PROTOCOL_HANDLER_JS_CHECK
  it('loads its page from its own protocol, and no page from the web or the disk', () => {
    const loads = calls('loadURL');
    assert.deepEqual(places(loads), ['electron/desktop/window.ts']);
    assert.deepEqual(loads[0]?.args, ['startPage']);
    assert.deepEqual(calls('loadFile'), []);
    assert.deepEqual(calls('setAsDefaultProtocolClient'), []);
    const page = readFileSync('renderer/index.html', 'utf8');
    assert.doesNotMatch(page, /https?:|<script(?![^>]*\bsrc=)|\son\w+=/i);
  });

  // AVAILABLE_SECURITY_FIXES_GLOBAL_CHECK, ELECTRON_VERSION_JSON_CHECK
  it('names one exact Electron for the package, the one that is installed', () => {
    const config = packageConfig({ app: 'a', output: 'b', icons: 'c', updatesUrl: undefined });
    assert.match(config.electronVersion ?? '', /^\d+\.\d+\.\d+$/);
  });

  // The fuses, which Electronegativity does not know yet
  it('sets the fuses', () => {
    const fuses = packageConfig({ app: 'a', output: 'b', icons: 'c', updatesUrl: undefined }).electronFuses;
    assert.deepEqual(
      [fuses?.runAsNode, fuses?.enableNodeOptionsEnvironmentVariable, fuses?.enableNodeCliInspectArguments],
      [false, false, false],
    );
    assert.deepEqual([fuses?.onlyLoadAppFromAsar, fuses?.enableEmbeddedAsarIntegrityValidation], [true, true]);
    assert.equal(fuses?.grantFileProtocolExtraPrivileges, false);
  });

  // IPC: Electron's checklist, item 17 (validate the sender of all IPC messages)
  it('hears no message without having looked at its sender', () => {
    const heard = nodes(shell).flatMap(({ node, at }) => {
      if (!ts.isCallExpression(node) || !/^(ipc|ipcMain)\.(on|handle|once)$/.test(node.expression.getText())) return [];
      return [{ at, handler: node.arguments[1]?.getText() ?? '' }];
    });
    assert.ok(heard.length > 0);
    for (const { at, handler } of heard) assert.match(handler, /isFromWindow\(event/, at);
  });
});
