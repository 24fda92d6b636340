"""Drives the emulator with Google's own Python client and prints what it saw as JSON.

Standard input: {"discovery", "rootUrl", "tokenUrl", "accessToken", "refreshToken", "clientId", "clientSecret", "file"}.
"""

import hashlib
import io
import json
import sys

import google_auth_httplib2
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build_from_document
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaFileUpload, MediaIoBaseDownload, MediaIoBaseUpload, build_http

given = json.load(sys.stdin)
with open(given["discovery"], encoding="utf-8") as text:
    document = {**json.load(text), "rootUrl": given["rootUrl"]}
credentials = Credentials(
    given["accessToken"],
    refresh_token=given["refreshToken"],
    token_uri=given["tokenUrl"],
    client_id=given["clientId"],
    client_secret=given["clientSecret"],
)
drive = build_from_document(
    json.dumps(document), http=google_auth_httplib2.AuthorizedHttp(credentials, http=build_http())
)
files, revisions = drive.files(), drive.revisions()
seen = {}


def download(request):
    """The bytes of a media request, fetched in several ranges."""
    buffer = io.BytesIO()
    downloader = MediaIoBaseDownload(buffer, request, chunksize=300 * 1024)
    done = False
    while not done:
        _, done = downloader.next_chunk()
    return hashlib.sha256(buffer.getvalue()).hexdigest()


folder = files.create(body={"name": "From Python", "mimeType": "application/vnd.google-apps.folder"}).execute()
[generated] = files.generateIds(count=1).execute()["ids"]

upload = files.create(
    body={"id": generated, "name": "scan.tif", "parents": [folder["id"]], "appProperties": {"by": "python"}},
    media_body=MediaFileUpload(given["file"], mimetype="image/tiff", chunksize=256 * 1024, resumable=True),
    keepRevisionForever=True,
    fields="id,headRevisionId,sha256Checksum,size",
)
chunks, created = 0, None
while created is None:
    _, created = upload.next_chunk()
    chunks += 1
seen["chunks"], seen["created"] = chunks, created

listed = files.list(q=f"'{folder['id']}' in parents and trashed = false", fields="files(id,name,appProperties)")
seen["listed"] = listed.execute()["files"]

small = MediaIoBaseUpload(io.BytesIO(b"second state"), mimetype="image/tiff")
seen["updated"] = files.update(
    fileId=generated, body={"name": "renamed.tif"}, media_body=small, fields="name,sha256Checksum"
).execute()
seen["revisions"] = revisions.list(fileId=generated, fields="revisions(id,keepForever)").execute()["revisions"]
seen["firstRevision"] = download(revisions.get_media(fileId=generated, revisionId=created["headRevisionId"]))
seen["head"] = download(files.get_media(fileId=generated))

names, request = [], files.list(pageSize=1, fields="nextPageToken,files(name)")
while request is not None:
    page = request.execute()
    names += [file["name"] for file in page["files"]]
    request = files.list_next(request, page)
seen["names"] = sorted(names)

try:
    files.get(fileId="missing").execute()
except HttpError as error:
    seen["missing"] = [error.resp.status, json.loads(error.content)["error"]["errors"][0]["reason"]]

files.delete(fileId=folder["id"]).execute()
seen["left"] = files.list().execute()["files"]
json.dump(seen, sys.stdout)
