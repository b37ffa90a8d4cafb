using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.Shared;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Users;

/// <summary>Rejects passwords that are tried first: the most common ones, and those with the name of the product or of the user in them.</summary>
internal sealed class PasswordBlocklist(IStringLocalizer<ProvisioningText> texts) : IPasswordValidator<PortalUser>
{
    /// <summary>A shorter local part, or part of it, such as "al", is in many good passwords.</summary>
    public const int MinLocalLength = 4;

    // What usually separates the names in a local part.
    private static readonly char[] Separators = ['.', '_', '-', '+'];

    private const string Product = "adminportal";

    public Task<IdentityResult> ValidateAsync(UserManager<PortalUser> manager, PortalUser user, string? password)
    {
        var text = PasswordText.Normalize(password ?? "").ToLowerInvariant();
        return Task.FromResult(FindRule(text, user) is { } rule ? IdentityResult.Failed(new IdentityError { Code = rule.Name, Description = rule }) : IdentityResult.Success);
    }

    private LocalizedString? FindRule(string text, PortalUser user)
    {
        if (CommonPasswords.Contains(text)) return texts["Password.Common"];
        var letters = Letters(text);
        if (letters.Contains(Product, StringComparison.Ordinal)) return texts["Password.Product"];
        foreach (var name in (string?[])[user.Email, user.UserName])
        {
            var address = PasswordText.Normalize(name ?? "").ToLowerInvariant();
            var local = address.Split('@')[0];
            if (local.Split(Separators).Append(local).Any(IsIn)) return texts["Password.Address"];
            if (address.Length > 0 && text.Contains(address, StringComparison.Ordinal)) return texts["Password.Address"];
        }

        return null;

        bool IsIn(string name) =>
            name.Length >= MinLocalLength && (text.Contains(name, StringComparison.Ordinal)
                || (Letters(name) is { Length: >= MinLocalLength } reduced && letters.Contains(reduced, StringComparison.Ordinal)));
    }

    private static string Letters(string text) => new([.. text.Where(char.IsLetterOrDigit)]);
}
