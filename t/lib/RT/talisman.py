"""Flask with the real Flask-Talisman, and without, beside a test.

Standard input is a JSON list of {"talisman": {...}, "view": {...}}: the options
of an application, and of the view /view in it.  The first line of standard
output is JSON: the port on loopback, and for each of the list null or the name
of the exception that Talisman raised.  A policy may be the name of one that
Talisman has, or a list of [name, values], where the order of a dict counts.

A request whose header X-Talisman has a number is answered by that application
of the list; any other by the same application without Talisman, in whose pages
the argument of this program stands for the nonce.
"""

import json
import socketserver
import sys
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import flask
import flask_talisman

METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']


class Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 64


class Handler(WSGIRequestHandler):
    def log_message(self, *args):
        pass


def page(nonce):
    return f'<script nonce="{nonce()}"></script>'


def sessions():
    flask.session['user'] = 7
    return 'hello'


def own():
    answer = flask.Response('hello')
    answer.headers.add('Content-Security-Policy', 'default-src *')
    answer.headers.add('Content-Security-Policy', 'img-src *, media-src *')
    answer.headers['X-Frame-Options'] = 'DENY'
    answer.headers['Referrer-Policy'] = 'unsafe-url'
    answer.headers['Permissions-Policy'] = 'camera=()'
    return answer


def status(number):
    answer = flask.Response('' if number in (204, 304) else 'hello', number)
    if number in (301, 302, 303, 307, 308):
        answer.headers['Location'] = '/there'
    return answer


def application(nonce):
    app = flask.Flask('app')
    app.secret_key = 'of a test'
    app.config['PROPAGATE_EXCEPTIONS'] = False
    app.logger.disabled = True

    app.add_url_rule('/', 'root', lambda: 'hello', methods=METHODS)
    app.add_url_rule('/page', 'page', lambda: page(nonce))
    app.add_url_rule('/json', 'json', lambda: flask.jsonify(hello=1))
    app.add_url_rule('/own', 'own', own)
    app.add_url_rule('/session', 'session', sessions)
    app.add_url_rule('/status/<int:number>', 'status', status,
                     methods=METHODS)
    app.add_url_rule('/raise', 'raise', lambda: 1 // 0)

    return app


def with_talisman(options):
    app = application(lambda: app.jinja_env.globals['csp_nonce']())
    given = dict(options['talisman'])
    policy = given.get('content_security_policy')

    if isinstance(policy, list):
        given['content_security_policy'] = dict(policy)
    elif isinstance(policy, str) and policy.endswith('_POLICY'):
        given['content_security_policy'] = getattr(flask_talisman, policy)

    talisman = flask_talisman.Talisman(app, **given)

    view = talisman(**options.get('view', {}))(lambda: 'hello')
    app.add_url_rule('/view', 'view', view, methods=METHODS)

    return app


def main():
    placeholder = sys.argv[1]
    bare = application(lambda: placeholder)
    bare.add_url_rule('/view', 'view', lambda: 'hello', methods=METHODS)
    apps, raised = [], []

    for options in json.load(sys.stdin):
        try:
            apps.append(with_talisman(options))
            raised.append(None)
        except ValueError as error:
            apps.append(None)
            raised.append(type(error).__name__)

    def choose(environ, start_response):
        number = environ.get('HTTP_X_TALISMAN')
        app = bare if number is None else apps[int(number)]
        return app(environ, start_response)

    server = Server(('127.0.0.1', 0), Handler)
    server.set_app(choose)
    print(json.dumps({'port': server.server_port, 'raised': raised}),
          flush=True)
    server.serve_forever()


main()
