using AdminPortal.Domain.Text;
using FluentValidation;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Features.SignIn;

/// <summary>The form for signing in. Users whose address is from before <see cref="EmailAddress"/> was the rule can sign in, too.</summary>
public sealed class Credentials
{
    public const int MaxPasswordLength = 128;

    public string Email { get; set; } = "";

    public string Password { get; set; } = "";
}

internal sealed class CredentialsValidator : AbstractValidator<Credentials>
{
    public CredentialsValidator(IStringLocalizer<SignInText> texts)
    {
        RuleLevelCascadeMode = CascadeMode.Stop;
        RuleFor(input => input.Email)
            .Must(email => !string.IsNullOrWhiteSpace(email)).WithMessage(_ => texts["Email.Required"])
            .Must(email => email.Trim().Length <= EmailAddress.MaxBytes)
            .WithMessage(_ => texts["Email.Form"]);
        RuleFor(input => input.Password)
            .Must(password => !string.IsNullOrEmpty(password)).WithMessage(_ => texts["Password.Required"])
            .Must(password => password.Length <= Credentials.MaxPasswordLength).WithMessage(_ => texts["Password.TooLong", Credentials.MaxPasswordLength]);
    }
}
