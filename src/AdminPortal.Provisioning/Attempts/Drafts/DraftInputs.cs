using AdminPortal.Domain.Attempts;

namespace AdminPortal.Provisioning.Attempts.Drafts;

/// <summary>The wizard's first step: which element, on which platform account.</summary>
public sealed class ElementChoice
{
    public string ElementKey { get; set; } = "";

    public Guid? PlatformAccountId { get; set; }
}

/// <summary>The wizard's second step: a stored provider app.</summary>
public sealed class ProviderChoice
{
    public Guid? ProviderAppId { get; set; }
}

/// <summary>The wizard's third step: the values of the element's configuration fields, by the platform's key.</summary>
public sealed class AccountDetails
{
    /// <summary>What was entered; an empty secret keeps the stored one.</summary>
    public Dictionary<string, string> Values { get; init; } = [];
}

/// <summary>The wizard's fourth step.</summary>
public sealed class InstanceOptions
{
    public string Name { get; set; } = "";

    public IReadOnlyList<string> Tags { get; set; } = [];

    /// <summary>Null where the element has no events.</summary>
    public EventSettings? Events { get; set; }

    /// <summary>The key with which the platform signs what it sends; empty keeps the stored one.</summary>
    public string SignatureKey { get; set; } = "";
}

/// <summary>All of the wizard's steps at once.</summary>
public sealed class WholeDraft
{
    public required ElementChoice Element { get; init; }

    public required ProviderChoice Provider { get; init; }

    /// <summary>Only values that were given: one that the element does not take is refused.</summary>
    public required AccountDetails Account { get; init; }

    public required InstanceOptions Options { get; init; }
}
