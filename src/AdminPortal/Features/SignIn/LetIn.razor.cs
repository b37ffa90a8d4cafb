using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.Users;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Identity;

namespace AdminPortal.Features.SignIn;

/// <summary>Lets in whoever has a link of the console, once; a plain form post, so that a program that only looks at links uses none up.</summary>
public sealed partial class LetIn
{
    private IReadOnlyList<Problem> _problems = [];
    private string? _email;

    [Inject]
    public required WayIn WayIn { get; set; }

    [Inject]
    public required SignInWays Ways { get; set; }

    [Inject]
    public required PeopleService People { get; set; }

    [Inject]
    public required AccessRecord Record { get; set; }

    [Inject]
    public required SignInManager<PortalUser> SignInManager { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [CascadingParameter]
    private HttpContext? HttpContext { get; set; }

    [SupplyParameterFromForm(Name = nameof(Input))]
    private NewPassword? Posted { get; set; }

    [SupplyParameterFromQuery]
    private string? Code { get; set; }

    private NewPassword Input => Posted ??= new();

    /// <inheritdoc />
    protected override async Task OnInitializedAsync() => _email = await WayIn.FindAsync(Code, CancellationToken.None);

    private async Task SubmitAsync()
    {
        var from = ClientAddress.Of(HttpContext);
        var used = await WayIn.UseAsync(Code, Input.Password, from, CancellationToken.None);
        if (used.Succeeded)
        {
            var person = used.Value;
            await People.MarkSignInAsync(person.Id, CancellationToken.None);
            await Record.SignedInAsync(new Actor(person.Id, person.UserName) { Role = person.Role, From = from }, SignInFactor.ConsoleLink, CancellationToken.None);
            // For this browser's session alone: it is a way back in, and not one to stay by.
            await SignInManager.SignInAsync(person, isPersistent: false);
            Navigation.NavigateTo("/");
            return;
        }

        _problems = used.Problems;
        // The link was used meanwhile, and the page now says so.
        if (used.Problems[0].Kind == ProblemKind.NotFound) _email = null;
    }
}
