"""A client that shares no code with the service: it knows the OpenAPI and the
AsyncAPI document and the table of keys (shared/chat/store/doc.go). It chats,
escalates, plays the officer, and then looks into the table and the queue.

    client.py BASE DYNAMODB SQS

Every body and every frame, both ways, is checked against its schema. It ends
with status 0 if everything is as the documents promise, else it says what is not.
"""

import asyncio
import json
import pathlib
import sys
import time
import urllib.error
import urllib.request

import boto3
import jsonschema
import websockets
import yaml
from boto3.dynamodb.types import TypeDeserializer

SHARED = pathlib.Path(__file__).parents[2] / "shared"
OPENAPI = yaml.safe_load((SHARED / "chat/httpapi/openapi.yaml").read_text())
ASYNCAPI = yaml.safe_load((SHARED / "chat/socket/asyncapi.yaml").read_text())
BASE, DYNAMODB, SQS = sys.argv[1:4]

IBAN = "IT60X0542811101000000123456"
FISCAL_CODE = "FRRGLN84C52Z999T"  # of worker-rm, who is invented


def expect(what, got, want):
    if got != want:
        sys.exit(f"{what}: got {got!r}, want {want!r}")


def valid(document, schema, value, what):
    """Ends the program unless value is as a document's schema says."""
    validator = jsonschema.Draft202012Validator(
        {**schema, "components": document["components"]}, format_checker=jsonschema.FormatChecker()
    )
    for error in validator.iter_errors(value):
        sys.exit(f"{what} is not as documented: {error.message}\n{json.dumps(value, ensure_ascii=False)}")


def request(method, path, token=None, body=None, operation=None):
    """Sends a request and checks its answer; returns status and answer."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    try:
        reply = urllib.request.urlopen(urllib.request.Request(BASE + path, data, headers, method=method))
    except urllib.error.HTTPError as error:
        reply = error
    raw = reply.read()
    if operation:
        responses = OPENAPI["paths"][operation][method.lower()]["responses"]
        if str(reply.status) not in responses:
            sys.exit(f"{method} {path}: status {reply.status} is not documented")
        response = responses[str(reply.status)]
        if "$ref" in response:
            response = OPENAPI["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
        contents = response.get("content", {})
        kind = reply.headers.get("Content-Type", "").split(";")[0]
        if contents and kind not in contents:
            sys.exit(f"{method} {path}: an answer of type {kind!r} is not documented")
        if kind.endswith("json"):
            valid(OPENAPI, contents[kind]["schema"], json.loads(raw), f"{method} {path}")
    return reply.status, raw.decode() if "text/plain" in reply.headers.get("Content-Type", "") else raw and json.loads(raw)


def login(issuer, person):
    return request("POST", "/dev/token", body={"issuer": issuer, "person": person})[1]["access_token"]


class Client:
    """One end of a socket."""

    def __init__(self, socket):
        self.socket, self.number, self.pushed = socket, 0, []

    @classmethod
    async def open(cls, path, token, body=None):
        status, ticket = request("POST", path, token, body, operation=path)
        expect("ticket", status, 201)
        return cls(await websockets.connect(ticket["url"], origin=BASE, compression=None))

    async def receive(self):
        frame = json.loads(await asyncio.wait_for(self.socket.recv(), 20))
        valid(ASYNCAPI, ASYNCAPI["components"]["schemas"]["down_" + frame["event"]], frame, "a frame from the service")
        return frame

    async def ask(self, action, **fields):
        """Sends a frame and returns its answer."""
        self.number += 1
        frame = {"action": action, "id": self.number, **fields}
        valid(ASYNCAPI, ASYNCAPI["components"]["schemas"]["up_" + action], frame, "a frame of ours")
        await self.socket.send(json.dumps(frame))
        while True:
            answer = await self.receive()
            if answer.get("re") == self.number:
                return answer
            self.pushed.append(answer)

    async def must(self, action, **fields):
        answer = await self.ask(action, **fields)
        if answer["event"] in ("error", "refused"):
            sys.exit(f"{action}: {answer}")
        return answer

    async def until(self, event, test=lambda frame: True):
        """Waits for a pushed frame."""
        while True:
            for i, frame in enumerate(self.pushed):
                if frame["event"] == event and test(frame):
                    del self.pushed[: i + 1]
                    return frame
            self.pushed.append(await self.receive())


def is_news(status):
    return lambda frame: frame["item"]["kind"] == "progressed" and frame["item"]["escalation"]["status"] == status


async def chat():
    """Has a whole conversation; returns it and its escalation."""
    worker, advisor, officer = login("myinps", "worker-rm"), login("institute", "advisor-1"), login("institute", "officer-rm")
    expect("me", request("GET", "/v1/me", worker, operation="/v1/me")[0], 200)
    case = request("GET", "/v1/cases", worker, operation="/v1/cases")[1]["cases"][0]
    expect("without a token", request("GET", "/v1/me", operation="/v1/me")[0], 401)
    expect("a citizen as an advisor", request("POST", "/v1/advisor/tickets", worker, operation="/v1/advisor/tickets")[0], 401)

    c = await Client.open("/v1/tickets", worker, {})
    a = await Client.open("/v1/advisor/tickets", advisor)
    await c.must("hello")
    await a.must("hello")
    joined = await c.must("join", topic="worker_case", question="Quando mi pagano?", cases=[case["id"]])
    about = {"conversation": joined["conversation"]}
    await a.must("presence", state="available", capacity=1)
    await a.until("offered")
    await a.must("accept", **about)
    await c.until("assigned")
    first = await c.must("send", **about, number=1, text=f"Il mio IBAN è {IBAN}")
    expect("hidden", first["hidden"], ["iban"])
    again = await c.must("send", **about, number=1, text=f"Il mio IBAN è {IBAN}")
    expect("a resend", again["seq"], first["seq"])
    expect("the same number with another text", (await c.ask("send", **about, number=1, text="altro"))["code"], "conflict")
    expect("what the advisor got", (await a.until("message"))["item"]["text"], "Il mio IBAN è [IBAN]")
    await a.must("send", **about, number=1, text="Grazie, chiedo alla sede")
    words = "Manca il modello SR41"
    await a.must("escalate", **about, number=2, case=case["id"], text=words)
    for client in (c, a):
        news = await client.until("escalation", is_news("delivered"))
        protocol = news["item"]["escalation"]["protocol"]
    await a.must("close", **about, outcome="escalated")
    await c.until("ended")

    status, desk = request("GET", "/linea/desk/escalations", officer)
    mine = [e for e in desk["escalations"] if e["protocol"] == protocol]
    expect("at the office", [e["text"] for e in mine], [words])
    expect("of whom", mine[0]["person"]["fiscal_code"], FISCAL_CODE)
    for after, step in ((1, "taken_in_charge"), (2, "settled")):
        status, _ = request("POST", f"/linea/desk/escalations/{mine[0]['id']}/steps", officer, {"after": after, "status": step})
        expect(step, status, 200)
        for client in (c, a):
            await client.until("escalation", is_news(step))
    own = request("GET", "/v1/advisor/escalations", advisor, operation="/v1/advisor/escalations")[1]["escalations"]
    expect("what the advisor lists", own[0]["status"], "settled")
    path = f"/v1/conversations/{about['conversation']}/transcript"
    status, transcript = request("GET", path, worker, operation="/v1/conversations/{id}/transcript")
    expect("transcript", (status, protocol in transcript, IBAN in transcript), (200, True, False))
    return about["conversation"], mine[0]["id"], words


def aws(service, endpoint):
    return boto3.client(service, endpoint_url=endpoint, region_name="eu-south-1", aws_access_key_id="x", aws_secret_access_key="x")


def look_at_the_table(conversation, escalation, words):
    """Finds in the table what the table of keys says, and nothing that it must not hold."""
    table = aws("dynamodb", DYNAMODB)
    plain = TypeDeserializer().deserialize

    def query(pk):
        found = table.query(
            TableName="infocig", ConsistentRead=True, KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"S": pk}}
        )
        return [{k: plain(v) for k, v in item.items()} for item in found["Items"]]

    entries = query(f"log#{conversation}")
    expect("numbers of the entries", [e["sk"] for e in entries], [f"{n:06d}" for n in range(1, len(entries) + 1)])
    kinds = [e["k"] for e in entries]
    for kind in ("joined", "assigned", "accepted", "message", "escalated", "progressed", "closed"):
        if kind not in kinds:
            sys.exit(f"no entry is {kind}: {kinds}")
    expect("messages", [e["x"] for e in entries if e["k"] == "message"], ["Il mio IBAN è [IBAN]", "Grazie, chiedo alla sede"])
    expect("what the office was told", [e["x"] for e in entries if e["k"] == "escalated"], [words])
    expect("state after the last entry", entries[-1]["s"]["s"], "closed")
    expect("live marks", [m for n in range(8) for m in query(f"live#{n}")], [])
    outbox = [e for n in range(4) for e in query(f"outbox#{n}") if e["sk"] == escalation]
    expect("escalation", [e["s"] for e in outbox], ["settled"])
    expect("accesses of staff", {a["what"] for a in map(lambda i: json.loads(i["doc"]), query(f"access#{conversation}"))} <= {"conversation", "cases", "notes", "escalations"}, True)

    everything = json.dumps([page["Items"] for page in table.get_paginator("scan").paginate(TableName="infocig")], default=repr)
    for secret in (IBAN, FISCAL_CODE):
        if secret in everything:
            sys.exit(f"{secret} is in the table")


def look_at_the_queue(escalation):
    """The queue is as documented and empty; a message that comes again changes nothing."""
    queue = aws("sqs", SQS)
    url, dead = (queue.get_queue_url(QueueName=name)["QueueUrl"] for name in ("escalations", "escalations-dead"))
    attributes = queue.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    expect("visibility", attributes["VisibilityTimeout"], "90")
    expect("receives before a dead letter", json.loads(attributes["RedrivePolicy"])["maxReceiveCount"], 5)
    queue.send_message(QueueUrl=url, MessageBody=json.dumps({"escalation": escalation}))
    counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    for _ in range(200):
        left = [queue.get_queue_attributes(QueueUrl=q, AttributeNames=counts)["Attributes"] for q in (url, dead)]
        if all(n == "0" for q in left for n in q.values()):
            return
        time.sleep(0.1)
    sys.exit(f"left in the queues: {left}")


conversation, escalation, words = asyncio.run(chat())
look_at_the_queue(escalation)
look_at_the_table(conversation, escalation, words)
print("everything is as documented")
