using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.Users;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Identity;

namespace AdminPortal.Features.SignIn;

/// <summary>Creates the first administrator, for whoever has the link from the console.</summary>
public sealed partial class Setup
{
    private IReadOnlyList<Problem> _problems = [];

    [Inject]
    public required FirstAdministrator FirstAdministrator { get; set; }

    [Inject]
    public required SignInManager<PortalUser> SignInManager { get; set; }

    [Inject]
    public required PeopleService People { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [CascadingParameter]
    private HttpContext? Request { get; set; }

    [SupplyParameterFromForm(Name = nameof(Input))]
    private NewAdministrator? Posted { get; set; }

    [SupplyParameterFromQuery]
    private string? Code { get; set; }

    private NewAdministrator Input => Posted ??= new();

    private async Task SubmitAsync()
    {
        // Null: the code was used meanwhile, and the page now says so.
        if (await FirstAdministrator.CreateAsync(Code, Input.Email, Input.Password, ClientAddress.Of(Request), CancellationToken.None) is not { } created) return;
        if (created.Succeeded)
        {
            await SignInManager.SignInAsync(created.Value, isPersistent: true);
            await People.MarkSignInAsync(created.Value.Id, CancellationToken.None);
            Navigation.NavigateTo("/");
            return;
        }

        _problems = created.Problems;
    }
}
