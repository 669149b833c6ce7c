"""A small operating system: tasks of four kinds that send packets through queues."""

IDLE, WORKER, HANDLER, DEVICE = range(4)


class Packet:
    def __init__(self, kind, data):
        self.kind = kind
        self.data = data
        self.hops = 0


class Task:
    def __init__(self, system, name, priority):
        self.system = system
        self.name = name
        self.priority = priority
        self.queue = []
        self.held = False

    def ready(self):
        return bool(self.queue) and not self.held

    def send(self, name, packet):
        packet.hops += 1
        self.system.sent += 1
        self.system.tasks[name].queue.append(packet)

    def step(self):
        packet = self.queue.pop(0)
        self.handle(packet)


class Idle(Task):
    def __init__(self, system, name, priority, count):
        super().__init__(system, name, priority)
        self.count = count
        self.control = 1

    def ready(self):
        return self.count > 0

    def step(self):
        self.count -= 1
        if self.control & 1:
            self.control = self.control // 2 ^ 0xD008
            self.send("device-a", Packet(DEVICE, self.control & 255))
        else:
            self.control //= 2
            self.send("worker", Packet(WORKER, self.control & 255))


class Worker(Task):
    def handle(self, packet):
        packet.data = (packet.data * 31 + 7) % 256
        if packet.hops < 8:
            self.send("handler-a" if packet.data & 1 else "handler-b", packet)


class Handler(Task):
    def handle(self, packet):
        self.system.checksum = (self.system.checksum * 17 + packet.data) % 1_000_003
        if packet.hops < 7:
            self.send("device-b" if packet.kind == DEVICE else "worker", packet)


class Device(Task):
    def handle(self, packet):
        self.held = not self.held and packet.data % 5 == 0
        packet.kind = WORKER
        if packet.hops < 6:
            self.send("worker", packet)


class System:
    def __init__(self, count):
        self.sent = 0
        self.checksum = 1
        self.tasks = {}
        for task in (Idle(self, "idle", 0, count), Worker(self, "worker", 1),
                     Handler(self, "handler-a", 2), Handler(self, "handler-b", 3),
                     Device(self, "device-a", 4), Device(self, "device-b", 5)):
            self.tasks[task.name] = task

    def run(self):
        order = sorted(self.tasks.values(), key=lambda task: -task.priority)
        while True:
            for task in order:
                if task.ready():
                    task.step()
                    break
            else:
                waiting = [task for task in order if task.held and task.queue]
                if not waiting:
                    return self.sent, self.checksum
                for task in waiting:
                    task.held = False


def run():
    return list(System(3500).run())
