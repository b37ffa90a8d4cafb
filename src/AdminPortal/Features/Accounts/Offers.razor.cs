using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Domain.Settings;
using AdminPortal.Provisioning.Accounts;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace AdminPortal.Features.Accounts;

/// <summary>The platform accounts that the configuration offers, each to be had with one click.</summary>
public sealed partial class Offers
{
    private OfferedAccount? _accepting;
    private IReadOnlyList<Problem> _problems = [];

    [Inject]
    public required AccountService Accounts { get; set; }

    [Inject]
    public required Confirmation Confirmation { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState>? SignedIn { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<OfferedAccount> Items { get; set; }

    /// <summary>Whether taking one is the page's primary action.</summary>
    [Parameter]
    public bool Primary { get; set; }

    /// <summary>Called with the offer that has become an account.</summary>
    [Parameter, EditorRequired]
    public EventCallback<OfferedAccount> Accepted { get; set; }

    private async Task AcceptAsync(OfferedAccount offer)
    {
        _accepting = offer;
        var result = await Confirmation.RunAsync(async () => await Accounts.AcceptOfferAsync(offer, await SignedIn.ActorAsync(), CancellationToken.None));
        _accepting = null;
        _problems = result.Problems;
        if (result.Succeeded) await Accepted.InvokeAsync(offer);
    }
}
