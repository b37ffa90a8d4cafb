using System.Text.Json.Serialization;

namespace AdminPortal.Provisioning.SingleSignOn;

/// <summary>Why somebody is sent to the authority.</summary>
/// <param name="ReturnTo">The path of the portal that the person wants.</param>
/// <param name="Fresh">Whether the person has to show there anew who it is.</param>
/// <param name="PersonId">Who is signed in here, where the one who comes back must be the same or is to be connected with that person.</param>
/// <param name="Connects">Whether that person shall be able to come by single sign-on from now on.</param>
public sealed record DepartureReason(string ReturnTo, bool Fresh = false, Guid? PersonId = null, bool Connects = false);

/// <summary>A person on the way to the authority.</summary>
/// <param name="Url">Where to.</param>
/// <param name="State">The value by which the answer is known again.</param>
/// <param name="Ticket">What the browser keeps meanwhile, sealed: it opens with the state alone.</param>
public sealed record SingleSignOnDeparture(string Url, string State, string Ticket)
{
    /// <summary>Never prints any of it.</summary>
    public override string ToString() => nameof(SingleSignOnDeparture);
}

/// <summary>What is in a ticket.</summary>
internal sealed record Ticket(
    [property: JsonPropertyName("n")] string Nonce,
    [property: JsonPropertyName("v")] string Verifier,
    [property: JsonPropertyName("t")] long At,
    [property: JsonPropertyName("r")] DepartureReason Reason)
{
    /// <summary>Never prints any of it.</summary>
    public override string ToString() => nameof(Ticket);
}
