namespace AdminPortal.Domain;

/// <summary>What a service call came to: a value, or at least one <see cref="Problem"/> that a person can act on.</summary>
/// <typeparam name="T">The value of success.</typeparam>
public readonly struct Result<T>
{
    private readonly T? _value;
    private readonly IReadOnlyList<Problem>? _problems;

    private Result(T? value, IReadOnlyList<Problem>? problems)
    {
        _value = value;
        _problems = problems;
    }

    /// <summary>Whether there is a value.</summary>
    public bool Succeeded => _problems is null;

    /// <summary>The value; only a successful result has one.</summary>
    /// <exception cref="InvalidOperationException">The result holds problems.</exception>
    public T Value => _problems is null ? _value! : throw new InvalidOperationException("The call did not succeed; read Problems.");

    /// <summary>What stood in the way; empty for success.</summary>
    public IReadOnlyList<Problem> Problems => _problems ?? [];

    public static implicit operator Result<T>(T value) => new(value, null);

    public static implicit operator Result<T>(Problem problem) => new(default, [problem]);

    public static implicit operator Result<T>(Problem[] problems) =>
        problems is [] ? throw new ArgumentException("A failure names at least one problem.", nameof(problems)) : new(default, problems);
}

/// <summary>The value of a call that has nothing to tell beyond its success.</summary>
public readonly record struct Done;
