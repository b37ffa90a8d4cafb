using System.Text.RegularExpressions;
using AdminPortal.Domain.Users;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Access;

/// <summary>Blanks in a row make no password longer: they count as one. The password itself is kept as it was entered.</summary>
internal sealed partial class BlankRuns(IStringLocalizer<AccessText> texts) : IPasswordValidator<PortalUser>
{
    public Task<IdentityResult> ValidateAsync(UserManager<PortalUser> manager, PortalUser user, string? password)
    {
        var least = manager.Options.Password.RequiredLength;
        // What is too short as it stands is told so by the framework's own rule.
        var isPadded = password is { } entered && entered.Length >= least && Run().Replace(entered, " ").Length < least;
        return Task.FromResult(isPadded ? IdentityResult.Failed(new IdentityError { Code = "BlankRuns", Description = texts["Password.Blanks", least] }) : IdentityResult.Success);
    }

    [GeneratedRegex(@"\s{2,}", RegexOptions.CultureInvariant)]
    private static partial Regex Run();
}
