"""One process, a few threads, and the hub beside them: `gunicorn` in this folder needs no further option."""

import os
import resource

wsgi_app = "app:app"
bind = os.environ.get("HELPDESK_BIND", f"127.0.0.1:{os.environ.get('PORT', '8000')}")
workers = 1
threads = int(os.environ.get("HELPDESK_THREADS", "8"))
worker_class = "helpdesk.realtime.server.HubWorker"
# Sockets that the hub has adopted do not count here.
worker_connections = 2000
backlog = 1024
# Longer than the 60 s for which common proxies keep theirs, so that it is never we who close under a request.
keepalive = 65
graceful_timeout = 10
# Without this gunicorn opens a control socket in the home folder.
control_socket_disable = True


def post_worker_init(worker):
    """Start the hub after the fork, and let it say goodbye first when the worker is told to end."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    realtime = worker.wsgi.extensions["helpdesk_realtime"]
    realtime.start()
    from helpdesk.press.press import PRESS

    def goodbye():
        PRESS.stop()
        realtime.say_goodbye()

    worker.before_exit = goodbye


def worker_exit(server, worker):
    """End what was started, after the last request; wait for the goodbye, or say it if there was none."""
    app = getattr(worker, "wsgi", None)
    if app is not None:
        app.extensions["helpdesk_realtime"].stop()
