using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Provisioning.Users;
using Microsoft.AspNetCore.Components;

namespace AdminPortal.Features.SignIn;

/// <summary>Sets the password of whoever was invited, or was given a new link; a plain form post.</summary>
public sealed partial class Join
{
    private IReadOnlyList<Problem> _problems = [];
    private string? _email;

    [Inject]
    public required PeopleService People { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [CascadingParameter]
    private HttpContext? Request { get; set; }

    [SupplyParameterFromForm(Name = nameof(Input))]
    private NewPassword? Posted { get; set; }

    [SupplyParameterFromQuery]
    private string? Code { get; set; }

    private NewPassword Input => Posted ??= new();

    /// <inheritdoc />
    protected override async Task OnInitializedAsync() => _email = await People.FindLinkAsync(Code, CancellationToken.None);

    private async Task SubmitAsync()
    {
        var set = await People.UseLinkAsync(Code, Input.Password, ClientAddress.Of(Request), CancellationToken.None);
        // Not signed in by the link: whoever signs in goes the way of everybody.
        if (set.Succeeded)
        {
            Navigation.NavigateTo("/sign-in?joined=true");
            return;
        }

        _problems = set.Problems;
        // The link was used meanwhile, and the page now says so.
        if (set.Problems[0].Kind == ProblemKind.NotFound) _email = null;
    }
}
