namespace AdminPortal.Ui;

/// <summary>What a valid value of a query parameter is.</summary>
internal abstract record ExpectedValue
{
    private ExpectedValue()
    {
    }

    /// <summary>One of these names.</summary>
    public sealed record OneOf(IReadOnlyList<string> Names) : ExpectedValue;

    /// <summary>An id.</summary>
    public sealed record Id : ExpectedValue;

    /// <summary>True or false.</summary>
    public sealed record Flag : ExpectedValue;

    /// <summary>At most this many characters.</summary>
    public sealed record Text(int MaxLength) : ExpectedValue;

    /// <summary>A number from 1 to this one.</summary>
    public sealed record Count(int Max) : ExpectedValue;

    /// <summary>A value that only the portal itself writes, such as the place of a page.</summary>
    public sealed record OwnValue : ExpectedValue;
}
