"""Floating point: the planets of the solar system over time."""

PI = 3.14159265358979323
SOLAR_MASS = 4 * PI * PI
YEAR = 365.24
BODIES = [
    ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), SOLAR_MASS),
    ((4.84143144246472090, -1.16032004402742839, -0.103622044471123109),
     (0.00166007664274403694 * YEAR, 0.00769901118419740425 * YEAR, -0.0000690460016972063023 * YEAR),
     0.000954791938424326609 * SOLAR_MASS),
    ((8.34336671824457987, 4.12479856412430479, -0.403523417114321381),
     (-0.00276742510726411213 * YEAR, 0.00499852801234917238 * YEAR, 0.0000230417297573763929 * YEAR),
     0.000285885980666130812 * SOLAR_MASS),
    ((12.8943695621391310, -15.1111514016986312, -0.223307578892655734),
     (0.00296460137564761618 * YEAR, 0.00237847173959480950 * YEAR, -0.0000296589568540237556 * YEAR),
     0.0000436624404335156298 * SOLAR_MASS),
    ((15.3796971148509165, -25.9193146099879641, 0.179258772950371181),
     (0.00268067772490389322 * YEAR, 0.00162824170038242295 * YEAR, -0.0000951592254519715870 * YEAR),
     0.0000515138902046611451 * SOLAR_MASS),
]


def advance(pairs, bodies, step, count):
    for _ in range(count):
        for (p1, v1, m1), (p2, v2, m2) in pairs:
            dx, dy, dz = p1[0] - p2[0], p1[1] - p2[1], p1[2] - p2[2]
            force = step / (dx * dx + dy * dy + dz * dz) ** 1.5
            a, b = m2 * force, m1 * force
            v1[0] -= dx * a
            v1[1] -= dy * a
            v1[2] -= dz * a
            v2[0] += dx * b
            v2[1] += dy * b
            v2[2] += dz * b
        for position, velocity, _ in bodies:
            position[0] += step * velocity[0]
            position[1] += step * velocity[1]
            position[2] += step * velocity[2]


def run():
    bodies = [(list(p), list(v), m) for p, v, m in BODIES]
    pairs = [(a, b) for i, a in enumerate(bodies) for b in bodies[i + 1:]]
    advance(pairs, bodies, 0.01, 4000)
    return round(sum(p[0] + v[1] for p, v, _ in bodies), 6)
