namespace AdminPortal.Chaos.Kill;

/// <summary>How the platform behaves during a walk.</summary>
/// <param name="Name">What it is called in the output.</param>
/// <param name="Fault">What goes wrong with the request; null for nothing.</param>
/// <param name="Allows">Whether the person allows.</param>
public sealed record Shape(string Name, object? Fault, bool Allows = true)
{
    private const string Create = "POST /instances";

    public static IReadOnlyList<Shape> All { get; } =
    [
        new("plain", null),
        new("created, and the answer dropped", new { match = Create, drop = "after" }),
        new("dropped before it was carried out", new { match = Create, drop = "before" }),
        new("turned away once", new { match = Create, status = 429, retryAfterSeconds = 1, message = "Slow down" }),
        new("slow", new { match = Create, delayMilliseconds = 400 }),
        new("refused", new { match = Create, status = 400, message = "No" }),
        new("broken", new { match = Create, status = 503, message = "Broken" }),
        new("denied", null, Allows: false),
    ];
}
