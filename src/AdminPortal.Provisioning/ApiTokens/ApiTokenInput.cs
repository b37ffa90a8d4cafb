using AdminPortal.Domain.ApiTokens;
using AdminPortal.Provisioning.Shared;
using FluentValidation;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.ApiTokens;

/// <summary>What is entered to make an API token.</summary>
public sealed class ApiTokenInput
{
    public const int MinDays = 1;
    public const int MaxDays = 365;

    public string Name { get; set; } = "";

    public IReadOnlyList<ApiScope> Scopes { get; set; } = [];

    /// <summary>For how many days it works.</summary>
    public int Days { get; set; } = 90;
}

internal sealed class ApiTokenInputValidator : AbstractValidator<ApiTokenInput>
{
    public ApiTokenInputValidator(IStringLocalizer<ProvisioningText> texts)
    {
        RuleLevelCascadeMode = CascadeMode.Stop;
        RuleFor(input => input.Name).RequiredText(texts, texts["Token.Name"], ApiToken.MaxNameLength);
        RuleFor(input => input.Scopes)
            .Must(scopes => scopes.Count > 0 && scopes.All(scope => Enum.IsDefined(scope))).WithMessage(_ => texts["Token.Scopes"]);
        RuleFor(input => input.Days)
            .InclusiveBetween(ApiTokenInput.MinDays, ApiTokenInput.MaxDays)
            .WithMessage(_ => texts["Token.Days", ApiTokenInput.MinDays, ApiTokenInput.MaxDays]);
    }
}
