using AdminPortal.Domain.Users;

namespace AdminPortal.Provisioning.SingleSignOn;

/// <summary>What came of a person's way to the authority and back.</summary>
public abstract record Arrival
{
    private Arrival()
    {
    }

    /// <summary>The authority vouches for somebody.</summary>
    public sealed record Known(ExternalIdentity Identity, DepartureReason Reason) : Arrival;

    /// <summary>It does not, or not so that it can be believed.</summary>
    /// <param name="Why">Why.</param>
    /// <param name="Sentence">The same, to be shown.</param>
    public sealed record Refused(SingleSignOnRefusal Why, string Sentence) : Arrival;
}
