"""Incremental one-way constraints: a chain of variables, plans made and executed again and again."""

REQUIRED, STRONG, WEAK = 0, 1, 2


class Variable:
    def __init__(self, name, value):
        self.name = name
        self.value = value
        self.constraints = []
        self.determined_by = None
        self.mark = 0
        self.strength = WEAK


class Constraint:
    def __init__(self, strength):
        self.strength = strength
        self.satisfied = False

    def attach(self, planner):
        for variable in self.variables():
            variable.constraints.append(self)
        planner.satisfy(self)


class Stay(Constraint):
    def __init__(self, variable, strength):
        super().__init__(strength)
        self.output = variable

    def variables(self):
        return [self.output]

    def inputs(self):
        return []

    def execute(self):
        pass


class Equal(Constraint):
    def __init__(self, source, output, strength):
        super().__init__(strength)
        self.source = source
        self.output = output

    def variables(self):
        return [self.source, self.output]

    def inputs(self):
        return [self.source]

    def execute(self):
        self.output.value = self.source.value


class Scale(Equal):
    def __init__(self, source, factor, offset, output, strength):
        super().__init__(source, output, strength)
        self.factor = factor
        self.offset = offset

    def variables(self):
        return [self.source, self.factor, self.offset, self.output]

    def inputs(self):
        return [self.source, self.factor, self.offset]

    def execute(self):
        self.output.value = (self.source.value * self.factor.value + self.offset.value) % 10_007


class Planner:
    def __init__(self):
        self.mark = 0

    def satisfy(self, constraint):
        output = constraint.output
        current = output.determined_by
        if current is None or constraint.strength < current.strength:
            if current is not None:
                current.satisfied = False
            output.determined_by = constraint
            output.strength = constraint.strength
            constraint.satisfied = True

    def plan(self, variable):
        self.mark += 1
        variable.mark = self.mark
        waiting, plan = [variable], []
        while waiting:
            for constraint in waiting.pop().constraints:
                output = constraint.output
                if not constraint.satisfied or output.mark == self.mark:
                    continue
                if all(source.mark == self.mark or source.determined_by is None or
                       isinstance(source.determined_by, Stay) for source in constraint.inputs()):
                    output.mark = self.mark
                    plan.append(constraint)
                    waiting.append(output)
        return plan


def chain(length):
    planner = Planner()
    variables = [Variable(f"v{i}", i) for i in range(length)]
    for before, after in zip(variables, variables[1:]):
        Equal(before, after, REQUIRED).attach(planner)
    total = 0
    for value in range(8):
        plan = planner.plan(variables[0])
        variables[0].value = value
        for constraint in plan:
            constraint.execute()
        total += variables[-1].value
    return total


def projection(count):
    planner = Planner()
    factor, offset = Variable("factor", 10), Variable("offset", 1000)
    Stay(factor, STRONG).attach(planner)
    Stay(offset, STRONG).attach(planner)
    outputs = []
    for i in range(count):
        source, output = Variable(f"s{i}", i), Variable(f"o{i}", i)
        Stay(source, WEAK).attach(planner)
        Scale(source, factor, offset, output, REQUIRED).attach(planner)
        outputs.append(output)
    total = 0
    for value in range(4):
        plan = planner.plan(factor)
        factor.value = value + 5
        for constraint in plan:
            constraint.execute()
        total += sum(output.value for output in outputs)
    return total


def run():
    return chain(2000) + projection(1500)
