using FluentValidation;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Features.SignIn;

/// <summary>What the forms for signing in and for the first administrator ask.</summary>
public sealed class Credentials
{
    public const int MaxEmailLength = 254;
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
            .Must(email => email.Trim().Length <= Credentials.MaxEmailLength && email.Trim().Split('@') is [{ Length: > 0 }, { Length: > 0 }] && !email.Any(char.IsControl))
            .WithMessage(_ => texts["Email.Form"]);
        RuleFor(input => input.Password)
            .Must(password => !string.IsNullOrEmpty(password)).WithMessage(_ => texts["Password.Required"])
            .Must(password => password.Length <= Credentials.MaxPasswordLength).WithMessage(_ => texts["Password.TooLong", Credentials.MaxPasswordLength]);
    }
}
