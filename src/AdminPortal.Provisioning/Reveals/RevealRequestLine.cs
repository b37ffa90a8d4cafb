using AdminPortal.Domain.Reveals;

namespace AdminPortal.Provisioning.Reveals;

/// <summary>A request to see a token, as lists and the instance's page show it.</summary>
/// <param name="Id">The request's id.</param>
/// <param name="InstanceId">The instance whose token is asked for; empty for other kinds.</param>
/// <param name="InstanceName">Its name; for other kinds that of the platform account, or name and client ID of the provider app.</param>
/// <param name="PersonName">Who asks.</param>
/// <param name="Reason">What for.</param>
/// <param name="AskedAt">When.</param>
/// <param name="State">What has become of it.</param>
/// <param name="ExpiresAt">Until when it can be decided or used.</param>
/// <param name="DecidedByName">Who decided; null while nobody has.</param>
/// <param name="IsOwn">Whether whoever looks has asked: nobody decides on one's own.</param>
public sealed record RevealRequestLine(
    Guid Id, Guid InstanceId, string InstanceName, string PersonName, string Reason, DateTimeOffset AskedAt, RevealRequestState State, DateTimeOffset ExpiresAt, string? DecidedByName, bool IsOwn)
{
    /// <summary>What is asked for.</summary>
    public ApprovalKind Kind { get; init; }

    /// <summary>For other kinds than a token: the origin, and behind it the sign-in hosts.</summary>
    public IReadOnlyList<string> Target { get; init; } = [];

    /// <summary>For the move of an account: the provider apps that may be used with the new host from then on.</summary>
    public IReadOnlyList<string> Apps { get; init; } = [];

    /// <summary>For the move of an account: how many instances move with their tokens.</summary>
    public int Instances { get; init; }
}
